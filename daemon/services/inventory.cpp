#include "services/inventory.h"

#include "store/products.h"

namespace till::services {
namespace {

using domain::StockEntryKind;

Status check_quantity(StockEntryKind kind, int64_t quantity) {
  switch (kind) {
    case StockEntryKind::receive:
    case StockEntryKind::issue:
    case StockEntryKind::transfer_out:
    case StockEntryKind::transfer_in:
      if (quantity <= 0) return invalid_field("/quantity", "range", "must be above zero");
      break;
    case StockEntryKind::adjust:
      if (quantity == 0) return invalid_field("/quantity", "range", "must not be zero");
      break;
    case StockEntryKind::count:
      if (quantity < 0) return invalid_field("/quantity", "range", "must not be below zero");
      break;
  }
  return {};
}

int64_t movement_of(StockEntryKind kind, int64_t quantity, int64_t on_hand) {
  switch (kind) {
    case StockEntryKind::receive:
    case StockEntryKind::transfer_in:
    case StockEntryKind::adjust:
      return quantity;
    case StockEntryKind::issue:
    case StockEntryKind::transfer_out:
      return -quantity;
    case StockEntryKind::count:
      return quantity - on_hand;
  }
  return 0;
}

}  // namespace

Result<domain::Stock> Inventory::book(const Uuid& product_id, StockEntryKind kind, const domain::StockChange& change,
                                      const http::Caller& caller) {
  TILL_CHECK(check_quantity(kind, change.quantity));
  sqlite::Connection& db = context_.tx();
  TILL_TRY(const auto product, store::get_product(db, product_id));
  const int64_t moved = movement_of(kind, change.quantity, product.on_hand);
  const bool takes_out = kind == StockEntryKind::issue || kind == StockEntryKind::transfer_out;
  if (takes_out && product.stock_policy == domain::StockPolicy::block && product.available + moved < 0)
    return Error{.code = Code::conflict, .message = "There is not enough of " + product.name, .reason = "out_of_stock"};
  const auto counted = kind == StockEntryKind::count ? std::optional(change.quantity) : std::nullopt;
  TILL_TRY(const int64_t hlc, enter(product, kind, moved, counted, change.reason, caller));
  TILL_TRY(auto stock, store::get_stock(db, product_id));
  journal_.take_fact(hlc);
  return stock;
}

Status Inventory::book_first(const domain::Product& product, int64_t quantity, const http::Caller& caller) {
  TILL_TRY(const int64_t hlc, enter(product, StockEntryKind::receive, quantity, {}, "first stock", caller));
  journal_.take_fact(hlc);
  return {};
}

Result<domain::Stock> Inventory::get_stock(const Uuid& product_id) const {
  TILL_TRY(auto* db, context_.read());
  return store::get_stock(*db, product_id);
}

Result<domain::Page<domain::Stock>> Inventory::list_stock(bool low_only, domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  return store::list_stock(*db, low_only, slice);
}

Result<domain::Page<domain::Movement>> Inventory::list_movements(const Uuid& product_id, domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(const domain::Stock stock, store::get_stock(*db, product_id));
  return store::list_movements(*db, stock, slice.cursor, slice.limit);
}

Result<int64_t> Inventory::enter(const domain::Product& product, StockEntryKind kind, int64_t moved,
                                 std::optional<int64_t> counted, const std::string& reason,
                                 const http::Caller& caller) {
  const Time now = context_.clock.now();
  const int64_t hlc = journal_.next_hlc(now);
  TILL_TRY(const auto booked, store::add_stock_entry(context_.tx(),
                                                     {.fact = journal_.next_fact(),
                                                      .id = context_.ids.next(),
                                                      .product_row = product.row,
                                                      .kind = kind,
                                                      .moved = moved,
                                                      .counted = counted,
                                                      .reason = reason,
                                                      .user = caller.user,
                                                      .at = now,
                                                      .business_date = context_.business_date(),
                                                      .hlc = hlc,
                                                      .trace = caller.trace},
                                                     context_.identity.version_base));
  if (booked.ran_low) TILL_CHECK(notices_.tell_of_stock(product.id, booked.available));
  return hlc;
}

}  // namespace till::services
