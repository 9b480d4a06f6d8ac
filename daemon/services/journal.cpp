#include "services/journal.h"

#include "crypto/hash.h"
#include "domain/journal.h"
#include "sync/core/hlc.h"

namespace till::services {
namespace {

using domain::Order;

std::array<uint8_t, 32> chained(const std::array<uint8_t, 32>& former, const Order& order, std::string_view once_key) {
  Bytes bytes(former.begin(), former.end());
  const Bytes body = domain::journal_body(order, once_key);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return crypto::sha256(bytes);
}

// Parts are numbered 1, 2, 3 …: their numbers are their ids, which the body does not hold.
template <class Part>
bool is_numbered(const std::vector<Part>& parts, size_t from) {
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i].id.child_number() != from + i) return false;
  return true;
}

// Why a receipt's parts cannot be its own; empty if they can.
std::string wrong_parts(const Order& order) {
  if (!is_numbered(order.lines, 1)) return "a line of it is missing";
  if (!is_numbered(order.payments, domain::kPaymentIds + 1U)) return "a payment of it is missing";
  int64_t lines = 0, tax = 0, paid = 0;
  for (const auto& line : order.lines) lines += line.total, tax += line.tax;
  for (const auto& payment : order.payments) paid += payment.amount;
  if (lines != order.total) return "its lines do not add up to its total";
  if (tax != order.tax) return "its lines' taxes do not add up";
  if (paid != order.total) return "its payments do not add up to its total";
  return {};
}

// Checks one receipt against the state of the walk so far.
std::string wrong_receipt(const Order& order, std::string_view once_key, int64_t expected_n,
                          const std::array<uint8_t, 32>& former) {
  if (order.receipt_n != expected_n) return "number " + std::to_string(expected_n) + " is missing before it";
  if (auto why = wrong_parts(order); !why.empty()) return why;
  if (chained(former, order, once_key) != order.hash)
    return "its hash is not that of its content and the receipt before";
  return {};
}

}  // namespace

Status Journal::load(sqlite::Connection& db) {
  TILL_TRY(counters_, store::load_counters(db, context_.identity));
  return {};
}

int64_t Journal::next_hlc(Time now) const { return core::next_hlc(counters_.hlc, now); }

void Journal::enter(Order& order, std::string_view once_key) const {
  order.row = counters_.next_fact;
  order.hlc = next_hlc(order.created_at);
  order.epoch_row = context_.identity.epoch_row;
  order.receipt_n = counters_.last_receipt + 1;
  order.receipt_number = context_.identity.receipt_number(order.receipt_n);
  order.hash = chained(counters_.hash, order, once_key);
}

void Journal::take(const Order& order) {
  ++counters_.next_fact;
  counters_.last_receipt = order.receipt_n;
  counters_.hash = order.hash;
  counters_.hlc = order.hlc;
}

Result<domain::Page<JournalEntry>> Journal::list(domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(auto orders, store::list_made_orders(*db, context_.identity, {}, slice.cursor > 0 ? slice.cursor : INT64_MAX,
                                                slice.limit + 1));
  const auto found = domain::page_of(std::move(orders), slice.limit);
  domain::Page<JournalEntry> page{.next = found.next};
  for (const Order& o : found.items)
    page.items.push_back({o.receipt_number, o.id, o.kind, o.created_at, o.total, to_hex(o.hash)});
  return page;
}

Result<JournalReport> Journal::verify() const {
  TILL_TRY(auto* db, context_.read());
  return verify_journal(*db, context_.identity);
}

Result<JournalReport> verify_journal(sqlite::Connection& db, const store::Identity& identity) {
  JournalReport report;
  auto at_fault = [&report](std::string why) {
    report.intact = false;
    report.fault = std::move(why);
  };
  std::array<uint8_t, 32> former{};
  TILL_TRY(const auto epochs, store::list_epochs(db));
  for (const store::Epoch& epoch : epochs) {
    if (report.intact && epoch.prev_hash != former)
      at_fault("epoch " + std::to_string(epoch.row) + " does not follow the one before it");
    if (!report.intact) break;
    int64_t n = 0;
    TILL_CHECK(store::for_each_receipt(db, identity, epoch.row, [&](const Order& order, std::string_view once_key) {
      const std::string why = wrong_receipt(order, once_key, ++n, former);
      former = order.hash;
      ++report.receipts;
      if (!why.empty()) at_fault(order.receipt_number + ": " + why);
      return report.intact;
    }));
  }
  report.head = to_hex(former);
  return report;
}

}  // namespace till::services
