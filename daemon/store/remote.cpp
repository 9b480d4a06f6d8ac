#include "store/remote.h"

#include "domain/journal.h"
#include "sync/core/hlc.h"

namespace till::store {
namespace {

constexpr size_t kHashBytes = 32;  // of the journal, behind an order's body

// A movement's place in the stock of a product: by count, later or not.
struct Tick {
  int64_t hlc = 0;
  Uuid uid{};
  auto operator<=>(const Tick&) const = default;
};

struct Shelf {
  int64_t on_hand = 0;
  int64_t last = 0;
  Tick count{};
};

Result<std::optional<Shelf>> find_shelf(sqlite::Connection& db, int64_t product) {
  auto query = db.query("SELECT on_hand, last, count_hlc, count_uid FROM stock WHERE product = ?", product);
  std::optional<Shelf> shelf;
  if (query.next()) {
    shelf.emplace();
    query.read(shelf->on_hand, shelf->last, shelf->count.hlc, shelf->count.uid);
  }
  TILL_CHECK(query.status());
  return shelf;
}

struct OwnStep {
  int64_t moved = 0, hlc = 0, prev = 0;
};

// An own movement: a line of an order or a stock entry.
Result<OwnStep> read_own(sqlite::Connection& db, int64_t key) {
  auto query = db.query(
      "SELECT l.moved, coalesce(o.hlc, o.created_at << 16), l.prev FROM order_lines l"
      " JOIN orders o ON o.row = l.row >> 12 WHERE l.row = ?1 UNION ALL"
      " SELECT moved, coalesce(hlc, at << 16), prev FROM stock_entries WHERE row = ?1",
      key);
  OwnStep step;
  if (query.next()) query.read(step.moved, step.hlc, step.prev);
  TILL_CHECK(query.status());
  return step;
}

// What own facts moved after a tick. Their order is that of their ticks, so the walk ends at the first that is older;
// remote ones lie between them in any order and are only walked over.
Result<int64_t> own_later(sqlite::Connection& db, int64_t last, int64_t hlc) {
  int64_t sum = 0;
  for (int64_t key = last; key != 0;) {
    if (key < 0) {
      TILL_TRY(const auto prev, db.value<int64_t>("SELECT prev FROM remote_movements WHERE row = ?", key));
      key = prev.value_or(0);
      continue;
    }
    TILL_TRY(const OwnStep step, read_own(db, key));
    if (step.hlc <= hlc) break;
    sum += step.moved;
    key = step.prev;
  }
  return sum;
}

Result<int64_t> remote_later(sqlite::Connection& db, int64_t product, int64_t hlc) {
  TILL_TRY(const auto sum, db.value<int64_t>("SELECT coalesce(sum(quantity), 0) FROM remote_movements"
                                             " WHERE product = ? AND hlc > ? AND counted IS NULL",
                                             product, hlc));
  return sum.value_or(0);
}

// What a movement does to the stock here: the rule of the header.
Result<int64_t> effect_of(sqlite::Connection& db, int64_t product, const Shelf& shelf, const RemoteMovement& movement,
                          const Tick& tick) {
  if (!movement.counted) return tick.hlc > shelf.count.hlc ? movement.quantity : 0;
  if (tick < shelf.count) return 0;
  TILL_TRY(const int64_t own, own_later(db, shelf.last, tick.hlc));
  TILL_TRY(const int64_t remote, remote_later(db, product, tick.hlc));
  TILL_CHECK(db.run("UPDATE stock SET count_hlc = ?, count_uid = ? WHERE product = ?", tick.hlc, tick.uid, product));
  return *movement.counted + own + remote - shelf.on_hand;
}

// Books a movement whose row stands there without its product or its effect.
Status book(sqlite::Connection& db, int64_t key, int64_t product, const RemoteMovement& movement, const Tick& tick,
            int64_t version_base) {
  TILL_TRY(const auto shelf, find_shelf(db, product));
  if (!shelf) return Error{.message = "The product has no stock row"};
  TILL_TRY(const int64_t moved, effect_of(db, product, *shelf, movement, tick));
  TILL_CHECK(db.run("UPDATE remote_movements SET product = ?, moved = ?, prev = ? WHERE row = ?", product, moved,
                    shelf->last, key));
  TILL_TRY(const Booked now, book_movement(db, product, moved, key, version_base));
  static_cast<void>(now);
  return {};
}

Result<bool> is_known(sqlite::Connection& db, const Uuid& uid) {
  TILL_TRY(const auto found, (db.value<int64_t>("SELECT 1 FROM remote_facts WHERE uid = ?1 UNION ALL"
                                                " SELECT 1 FROM orders WHERE id = ?1 UNION ALL"
                                                " SELECT 1 FROM stock_entries WHERE id = ?1 LIMIT 1",
                                                uid)));
  return found.has_value();
}

void read_order(RemoteFact& fact, ByteView body) {
  if (body.size() < kHashBytes) return;
  const auto read = domain::read_journal_body(body.first(body.size() - kHashBytes));
  if (!read) return;
  const domain::Order& order = read->order;
  fact.order_kind = order.kind;
  fact.at = order.created_at;
  fact.reason = order.reason;
  for (const domain::OrderLine& line : order.lines)
    fact.movements.push_back({.product_id = line.product_id, .quantity = line.moved});
}

void read_entry(RemoteFact& fact, ByteView body) {
  const auto entry = domain::read_stock_body(body);
  if (!entry) return;
  fact.entry_kind = entry->kind;
  fact.at = entry->at;
  fact.reason = entry->reason;
  fact.movements.push_back({.product_id = entry->product_id, .quantity = entry->moved, .counted = entry->counted});
}

}  // namespace

RemoteFact read_fact(const std::string& node, const core::Envelope& envelope) {
  RemoteFact fact{.uid = envelope.uid, .node = node, .business_date = envelope.business_date, .hlc = envelope.hlc};
  if (envelope.schema == core::kBodySchema && core::is_tick(envelope.hlc)) {
    if (envelope.kind == core::Kind::order) read_order(fact, envelope.body);
    if (envelope.kind == core::Kind::stock) read_entry(fact, envelope.body);
  }
  if (!fact.is_read()) fact.unread = envelope.body;
  return fact;
}

Status book_fact(sqlite::Connection& db, const RemoteFact& fact, int64_t version_base) {
  TILL_TRY(const bool known, is_known(db, fact.uid));
  if (known) return {};
  TILL_CHECK(
      db.run("INSERT INTO remote_facts (row, uid, node, order_kind, entry_kind, at, business_date, reason, hlc, body)"
             " VALUES ((SELECT coalesce(max(row), 0) + 1 FROM remote_facts), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
             fact.uid, fact.node, fact.order_kind, fact.entry_kind, fact.at, fact.business_date, fact.reason, fact.hlc,
             fact.is_read() ? std::nullopt : std::optional(fact.unread)));
  TILL_TRY(const auto number, db.value<int64_t>("SELECT max(row) FROM remote_facts"));
  for (size_t n = 0; n < fact.movements.size(); ++n) {
    const RemoteMovement& movement = fact.movements[n];
    const int64_t key = -part_key(number.value_or(0), static_cast<int64_t>(n) + 1);
    TILL_CHECK(
        db.run("INSERT INTO remote_movements (row, product, product_id, quantity, counted, moved, hlc, prev)"
               " VALUES (?, NULL, ?, ?, ?, 0, ?, 0)",
               key, movement.product_id, movement.quantity, movement.counted, fact.hlc));
    TILL_TRY(const auto product,
             db.value<int64_t>("SELECT row FROM products WHERE id = ? LIMIT 1", movement.product_id));
    if (product) TILL_CHECK(book(db, key, *product, movement, {fact.hlc, fact.uid}, version_base));
  }
  return {};
}

Status book_waiting(sqlite::Connection& db, const Uuid& product_id, int64_t version_base) {
  struct Waiting {
    int64_t key = 0;
    RemoteMovement movement{};
    Tick tick{};
  };
  std::vector<Waiting> all;
  {
    auto query = db.query(
        "SELECT m.row, m.quantity, m.counted, m.hlc, f.uid FROM remote_movements m"
        " JOIN remote_facts f ON f.row = -m.row >> 12 WHERE m.product IS NULL AND m.product_id = ? ORDER BY m.row DESC",
        product_id);
    while (query.next()) {
      Waiting& w = all.emplace_back();
      query.read(w.key, w.movement.quantity, w.movement.counted, w.tick.hlc, w.tick.uid);
    }
    TILL_CHECK(query.status());
  }
  if (all.empty()) return {};
  TILL_TRY(const auto product, db.value<int64_t>("SELECT row FROM products WHERE id = ? LIMIT 1", product_id));
  for (const Waiting& w : all) TILL_CHECK(book(db, w.key, product.value_or(0), w.movement, w.tick, version_base));
  return {};
}

Result<int64_t> count_unread_facts(sqlite::Connection& db) {
  TILL_TRY(const auto count, db.value<int64_t>("SELECT count(*) FROM remote_facts WHERE body IS NOT NULL"));
  return count.value_or(0);
}

}  // namespace till::store
