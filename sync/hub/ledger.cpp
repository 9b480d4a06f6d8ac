#include "sync/hub/ledger.h"

#include <tuple>

#include "sync/hub/shared_rows.h"

namespace till::hub {
namespace {

Result<bool> may_be_oversold(sqlite::Connection& db, const Uuid& product) {
  TILL_TRY(const auto row, find_row(db, core::Entity::product, product));
  const core::RowField* policy = row ? row->image.find("stock_policy") : nullptr;
  return policy && policy->value == "\"allow\"";
}

}  // namespace

Result<StockRow> open_stock(sqlite::Connection& db, const Uuid& product, int64_t store) {
  StockRow stock{.product = product, .store = store};
  {
    auto query =
        db.query("SELECT row, on_hand, count_hlc, count_uid, conflict FROM stock WHERE product = ? AND store = ?",
                 product.bytes, store);
    if (query.next()) query.read(stock.row, stock.on_hand, stock.count_hlc, stock.count_uid, stock.conflict);
    TILL_CHECK(query.status());
  }
  if (stock.row != 0) return stock;
  TILL_CHECK(db.run("INSERT INTO stock (product, store, on_hand) VALUES (?, ?, 0)", product.bytes, store));
  TILL_TRY(const auto row, (db.value<int64_t>("SELECT last_insert_rowid()")));
  stock.row = row.value_or(0);
  return stock;
}

Status book_movement(sqlite::Connection& db, StockRow& stock, const Booked& by, int64_t n, int64_t moved) {
  TILL_CHECK(db.run("INSERT INTO movements (stock, hlc, fact, n, moved) VALUES (?, ?, ?, ?, ?)", stock.row, by.hlc,
                    by.fact, n, moved));
  if (by.hlc <= stock.count_hlc) return {};
  stock.on_hand += moved;
  return db.run("UPDATE stock SET on_hand = ? WHERE row = ?", stock.on_hand, stock.row);
}

Status book_count(sqlite::Connection& db, StockRow& stock, const Booked& by, int64_t counted) {
  if (std::tie(by.hlc, by.uid) <= std::tie(stock.count_hlc, stock.count_uid)) return {};
  TILL_TRY(const auto later,
           (db.value<int64_t>("SELECT coalesce(sum(moved), 0) FROM movements WHERE stock = ? AND hlc > ?", stock.row,
                              by.hlc)));
  stock.on_hand = counted + later.value_or(0);
  stock.count_hlc = by.hlc;
  stock.count_uid = by.uid;
  return db.run("UPDATE stock SET on_hand = ?, count_hlc = ?, count_uid = ? WHERE row = ?", stock.on_hand,
                stock.count_hlc, stock.count_uid.bytes, stock.row);
}

Status judge_stock(Tx& tx, const Occasion& occasion, StockRow& stock) {
  if ((stock.on_hand < 0) == stock.conflict.has_value()) return {};
  if (stock.conflict) {
    TILL_CHECK(settle_conflict(tx, *stock.conflict));
    stock.conflict.reset();
  } else {
    TILL_TRY(const bool allowed, may_be_oversold(tx.db, stock.product));
    if (allowed) return {};
    TILL_TRY(stock.conflict, add_conflict(tx, occasion, core::Entity::product, stock.product,
                                          {.kind = core::ClashKind::oversold,
                                           .field = "on_hand",
                                           .ours = std::to_string(stock.on_hand),
                                           .winner = core::Winner::theirs}));
  }
  return tx.db.run("UPDATE stock SET conflict = ? WHERE row = ?", stock.conflict, stock.row);
}

}  // namespace till::hub
