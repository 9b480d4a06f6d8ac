#include "store/salvage.h"

#include <algorithm>
#include <map>

#include "store/facts.h"
#include "store/orders.h"
#include "store/shared.h"
#include "sync/outbox/edits.h"

namespace till::store {
namespace {

using domain::Order;
using Hash = std::array<uint8_t, 32>;

// The highest number that any readable table tells of.
int64_t newest_number(sqlite::Connection& old) {
  int64_t newest = 0;
  for (const char* sql :
       {"SELECT max(row) FROM orders", "SELECT max(row) >> 12 FROM order_lines", "SELECT max(row) >> 12 FROM payments",
        "SELECT max(row) >> 12 FROM stock_entries", "SELECT max(fact) FROM carried_facts"})
    if (const auto found = old.value<std::optional<int64_t>>(sql); found && *found)
      newest = std::max(newest, (*found)->value_or(0));
  return newest;
}

// Up to here headquarters has them; where that cannot be read, it is asked again for each.
int64_t newest_acknowledged(sqlite::Connection& old) {
  const auto found = old.value<int64_t>(
      "SELECT s.acked + (SELECT sale_base FROM epochs ORDER BY id DESC LIMIT 1) FROM sync_streams s WHERE s.stream = ?",
      core::Stream::sale);
  return found ? found->value_or(0) : 0;
}

// True if all that its rows point at is there: else they say something else than was said.
bool is_whole(const Order& order) {
  const auto is_known = [](int64_t row, const Uuid& id) { return row == 0 || !id.is_nil(); };
  const auto has_product = [&](const domain::OrderLine& line) { return is_known(line.product_row, line.product_id); };
  return is_known(order.cashier_row, order.cashier_id) &&
         is_known(order.of_order_row, order.of_order_id.value_or(Uuid{})) &&
         std::all_of(order.lines.begin(), order.lines.end(), has_product) && domain::wrong_parts(order).empty();
}

class Reader {
 public:
  Reader(sqlite::Connection& old, const Identity& identity)
      : old_(old), identity_(identity), acknowledged_(newest_acknowledged(old)) {}

  // Nullopt: it cannot be read, or not be trusted.
  std::optional<SoundFact> read(int64_t number) {
    auto envelope = find_fact(old_, identity_, number);
    if (!envelope || !*envelope) return std::nullopt;
    SoundFact fact{number, number <= acknowledged_, std::move(**envelope), {}};
    if (fact.envelope.kind == core::Kind::order) {
      fact.order = read_order(fact.envelope);
      if (!fact.order) return std::nullopt;
    }
    return read_fact(identity_.node, fact.envelope).is_read() ? std::optional(std::move(fact)) : std::nullopt;
  }

 private:
  std::optional<FormerOrder> read_order(const core::Envelope& envelope) {
    auto former = read_former_order(identity_, envelope);
    auto sold = find_order(old_, identity_, envelope.uid, As::sold);
    if (!former || !sold || !*sold || !is_sound(**sold, former->receipt.once_key)) return std::nullopt;
    former->receipt.order = std::move(**sold);  // it has more: whose it is, by which charge it was paid
    auto query = old_.query("SELECT once_hash, status_now FROM orders WHERE id = ?", envelope.uid);
    if (query.next()) query.read(former->once_hash, former->status_now);
    return former;
  }

  // Each receipt that is sound is the one that the next of its epoch has to follow.
  bool is_sound(const Order& order, std::string_view once_key) {
    if (!is_whole(order)) return false;
    auto& [n, hash] = newest_[order.epoch_row];
    const bool follows = n > 0 && order.receipt_n == n + 1;
    if (follows && domain::journal_hash(hash, order, once_key) != order.hash) return false;
    n = order.receipt_n;
    hash = order.hash;
    return true;
  }

  sqlite::Connection& old_;
  const Identity& identity_;
  const int64_t acknowledged_;
  std::map<int64_t, std::pair<int64_t, Hash>> newest_;  // receipt of each epoch so far
};

}  // namespace

Result<Salvaged> for_each_sound_fact(sqlite::Connection& old, const Identity& identity,
                                     const std::function<Status(const SoundFact&)>& visit) {
  Salvaged found;
  Reader reader(old, identity);
  const int64_t newest = newest_number(old);
  for (int64_t number = 1; number <= newest; ++number) {
    const auto fact = reader.read(number);
    ++(fact ? found.sound : found.lost);
    if (fact) TILL_CHECK(visit(*fact));
  }
  return found;
}

Result<Salvaged> carry_over_facts(sqlite::Connection& old, sqlite::Connection& fresh, const Identity& identity,
                                  const Stamp& stamp) {
  return for_each_sound_fact(old, identity, [&](const SoundFact& fact) {
    return fact.acknowledged ? put_back_fact(fresh, identity, fact.envelope, fact.order, stamp)
                             : carry_over_fact(fresh, identity, fact.envelope, fact.order, stamp);
  });
}

Status carry_over_edits(sqlite::Connection& old, sqlite::Connection& fresh, const Identity& identity,
                        const Stamp& stamp) {
  TILL_TRY(const auto made, outbox::carry_over(old, fresh));
  TILL_CHECK(outbox::rewrap(fresh));
  for (const outbox::RowKey& key : made) TILL_CHECK(show_row(fresh, identity, key, stamp));
  return {};
}

}  // namespace till::store
