#include "services/journal.h"

#include <algorithm>
#include <map>

#include "domain/journal.h"
#include "store/order_list.h"
#include "sync/core/hlc.h"

namespace till::services {
namespace {

using domain::Order;

constexpr const char* kWrongHash = "its hash is not that of its content and the receipt before";

using Hash = std::array<uint8_t, 32>;

// Checks one receipt against the state of the walk so far.
std::string wrong_receipt(const Order& order, std::string_view once_key, int64_t expected_n, const Hash& former) {
  if (order.receipt_n != expected_n) return "number " + std::to_string(expected_n) + " is missing before it";
  if (auto why = domain::wrong_parts(order); !why.empty()) return why;
  return domain::journal_hash(former, order, once_key) == order.hash ? std::string() : kWrongHash;
}

// The lives that came back (store/former.h). A number may be missing there, or stand twice where one history became
// two; every receipt has to follow one of those with the number before it.
class FormerLives {
 public:
  /// `own`: the newest number of each life of this database.
  FormerLives(sqlite::Connection& db, const std::map<std::string, int64_t>& own, JournalReport& report)
      : db_(db), own_(own), report_(report) {}

  // In the order of for_each_former_receipt().
  bool take(const Order& order, std::string_view once_key) {
    move_on(order);
    hashes_.push_back(order.hash);
    ++report_.receipts, ++report_.former;
    std::string why = domain::wrong_parts(order);
    const auto fits = [&](const Hash& former) { return domain::journal_hash(former, order, once_key) == order.hash; };
    if (why.empty() && !std::any_of(former_.begin(), former_.end(), fits)) why = look_further(order, fits);
    if (!why.empty()) report_.fault = order.receipt_number + ": " + why;
    report_.intact = report_.fault.empty() && status_.ok();
    return report_.intact;
  }
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  void move_on(const Order& order) {
    if (order.epoch_row == epoch_ && order.receipt_n == n_) return;
    const bool next = order.epoch_row == epoch_ && order.receipt_n == n_ + 1;
    former_ = next ? std::move(hashes_) : std::vector<Hash>{};
    hashes_.clear();
    epoch_ = order.epoch_row;
    n_ = order.receipt_n;
  }

  // The first of a life follows any receipt, or none; a branch of a life of this database begins in that. Else the
  // receipt before it would have to be here, and is another one, or it is not.
  std::string look_further(const Order& order, const std::function<bool(const Hash&)>& fits) {
    const auto life = own_.find(order.receipt_number.substr(0, order.receipt_number.rfind('-')));
    const bool is_branch = life != own_.end() && order.receipt_n <= life->second + 1;
    if (order.receipt_n == 1 || is_branch) {
      const auto found = fits(Hash{}) ? Result<bool>(true) : store::any_receipt(db_, fits);
      if (!found) status_ = found.error();
      if (!found || *found) return {};
    }
    if (!former_.empty() || (is_branch && order.receipt_n > 1)) return kWrongHash;
    ++report_.unproven;
    return {};
  }

  sqlite::Connection& db_;
  const std::map<std::string, int64_t>& own_;
  JournalReport& report_;
  int64_t epoch_ = 1, n_ = 0;          // of what was taken last
  std::vector<Hash> former_, hashes_;  // of the number before it, and of it
  Status status_;
};

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
  order.hash = domain::journal_hash(counters_.hash, order, once_key);
}

void Journal::take(const Order& order) {
  ++counters_.next_fact;
  counters_.last_receipt = order.receipt_n;
  counters_.hash = order.hash;
  counters_.hlc = order.hlc;
}

Result<domain::Page<JournalEntry>> Journal::list(domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(const auto found, store::list_receipts(*db, context_.identity, slice));
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
  Hash former{};
  std::map<std::string, int64_t> newest;
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
    newest[identity.node + "-" + domain::epoch_tag(epoch.bytes)] = n;
  }
  report.head = to_hex(former);
  if (!report.intact) return report;
  FormerLives lives(db, newest, report);
  TILL_CHECK(store::for_each_former_receipt(
      db, identity, [&](const Order& order, std::string_view once_key) { return lives.take(order, once_key); }));
  TILL_CHECK(lives.status());
  return report;
}

}  // namespace till::services
