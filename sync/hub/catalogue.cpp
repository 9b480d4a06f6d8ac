#include "sync/hub/catalogue.h"

#include "domain/refusal.h"
#include "sync/hub/shared_fields.h"

namespace till::hub {
namespace {

using core::Action;
using core::Entity;
using domain::Category;
using domain::Product;
using domain::taken;

template <class Row>
constexpr Entity kEntity = Entity::product;
template <>
constexpr Entity kEntity<Category> = Entity::category;
template <class Row>
constexpr const char* kNoun = "product";
template <>
constexpr const char* kNoun<Category> = "category";

template <class Row>
Error no_such() {
  return {.code = Code::not_found, .message = std::string("There is no such ") + kNoun<Row>};
}

Status fill_stock(sqlite::Connection& db, Product& product) {
  TILL_TRY(const auto sum,
           (db.value<int64_t>("SELECT coalesce(sum(on_hand), 0) FROM stock WHERE product = ?", product.id.bytes)));
  product.on_hand = product.available = sum.value_or(0);
  return {};
}
Status fill_stock(sqlite::Connection&, Category&) { return {}; }

template <class Row>
Result<Row> shown(sqlite::Connection& db, const SharedRow& found) {
  Row row = row_of<Row>(found.image);
  row.row = found.row;
  row.created_at = found.created_at;
  row.updated_at = found.updated_at;
  TILL_CHECK(fill_stock(db, row));
  return row;
}

template <class Row>
Result<SharedRow> get_shared(sqlite::Connection& db, const Uuid& id) {
  TILL_TRY(auto found, find_row(db, kEntity<Row>, id));
  if (!found || found->image.removed) return no_such<Row>();
  return std::move(*found);
}

template <class Row>
Result<SharedRow> get_version(sqlite::Connection& db, const Uuid& id, int64_t version) {
  TILL_TRY(SharedRow found, get_shared<Row>(db, id));
  if (found.image.rev == version) return found;
  TILL_TRY(const Row now, shown<Row>(db, found));
  return domain::stale(now);
}

Result<bool> holds(sqlite::Connection& db, Entity entity, std::string_view field, const std::string& key,
                   const Uuid& id) {
  return key_held(db, entity, field, json_text(key), id);
}

// The slug as given, which must be free, or one made from the name, which is made free.
template <class Row>
Status settle_slug(sqlite::Connection& db, Row& row) {
  const bool given = !row.slug.empty();
  const std::string wanted = given ? row.slug : domain::slug_of(row.name);
  row.slug = wanted;
  for (int n = 2;; ++n) {
    TILL_TRY(const bool held, holds(db, kEntity<Row>, "slug", row.slug, row.id));
    if (!held) return {};
    if (given) return taken("/slug", "The slug " + row.slug);
    row.slug = wanted + "-" + std::to_string(n);
  }
}

Status check_references(sqlite::Connection& db, const Product& product) {
  for (size_t i = 0; i < product.category_ids.size(); ++i) {
    TILL_TRY(const auto category, find_row(db, Entity::category, product.category_ids[i]));
    if (!category || category->image.removed)
      return invalid_field("/category_ids/" + std::to_string(i), "unknown_category", "there is no such category");
  }
  return {};
}

Status check_references(sqlite::Connection& db, const Category& category) {
  constexpr int kMostLevels = 64;
  std::optional<Uuid> at = category.parent_id;
  for (int level = 0; at && level < kMostLevels; ++level) {
    if (*at == category.id) return invalid_field("/parent_id", "ring", "a category cannot stand below itself");
    TILL_TRY(const auto parent, find_row(db, Entity::category, *at));
    if (!parent || parent->image.removed)
      return invalid_field("/parent_id", "unknown_category", "there is no such category");
    at = row_of<Category>(parent->image).parent_id;
  }
  return {};
}

Status check_keys(sqlite::Connection& db, const Product& product) {
  TILL_TRY(const bool sku_held, holds(db, Entity::product, "sku", product.sku, product.id));
  if (sku_held) return taken("/sku", "The SKU " + product.sku);
  for (size_t i = 0; i < product.barcodes.size(); ++i) {
    TILL_TRY(const bool held, holds(db, Entity::product, "barcodes", product.barcodes[i], product.id));
    if (held) return taken("/barcodes/" + std::to_string(i), "The barcode " + product.barcodes[i]);
  }
  return {};
}
Status check_keys(sqlite::Connection&, const Category&) { return {}; }

Status settle_currency(Product& product, const std::string& currency) {
  if (product.stock != 0) return invalid_field("/stock", "read_only", "goods are received in a store");
  if (!product.currency.empty() && product.currency != currency)
    return invalid_field("/currency", "currency", "must be " + currency);
  product.currency = currency;
  return {};
}
Status settle_currency(Category&, const std::string&) { return {}; }

}  // namespace

template <class Row>
Result<Row> get_row(sqlite::Connection& db, const Uuid& id) {
  TILL_TRY(const SharedRow found, get_shared<Row>(db, id));
  return shown<Row>(db, found);
}

template <class Row>
Result<domain::Page<Row>> list_rows(sqlite::Connection& db, domain::Slice slice) {
  domain::Page<Row> page;
  TILL_TRY(const auto rows, live_rows(db, kEntity<Row>, slice.cursor, slice.limit + 1));
  for (const SharedRow& found : rows) {
    if (static_cast<int64_t>(page.items.size()) == slice.limit) {
      page.next = page.items.back().row;
      break;
    }
    TILL_TRY(Row row, shown<Row>(db, found));
    page.items.push_back(std::move(row));
  }
  return page;
}

template <class Row>
Result<Row> get_row_by_key(sqlite::Connection& db, std::string_view field, std::string_view value) {
  TILL_TRY(const auto id, find_by_key(db, kEntity<Row>, field, json_text(std::string(value))));
  if (!id) return no_such<Row>();
  return get_row<Row>(db, *id);
}

template <class Row>
Status Catalogue::check(sqlite::Connection& db, Row& row) const {
  TILL_CHECK(settle_currency(row, identity_.names.currency));
  TILL_CHECK(check_references(db, row));
  TILL_CHECK(check_keys(db, row));
  return settle_slug(db, row);
}

Status Catalogue::apply(Tx& tx, core::RowEdit edit, const Uuid& user) const {
  edit.user = user;
  edit.at = tx.now;
  const Uuid uid = ids_.next();
  tx.revs.begin(uid, core::Kind::edit);
  TILL_TRY(const Applied applied, apply_edit(tx, Source{.node = "hub"}, edit, uid));
  if (!applied.refused.empty()) return Error{.code = Code::invalid, .message = "The change: " + applied.refused};
  return {};
}

template <class Row>
Result<Row> Catalogue::add(sqlite::Connection& db, Row row, const Uuid& user) const {
  TILL_CHECK(check(db, row));
  Tx tx(db, ids_, clock_.now());
  const Uuid id = ids_.next();
  TILL_CHECK(apply(
      tx, {.entity = kEntity<Row>, .action = Action::create, .id = id, .fields = edits_to<Row>(nullptr, row)}, user));
  TILL_CHECK(tx.revs.save());
  return get_row<Row>(db, id);
}

template <class Row>
Result<Row> Catalogue::change(sqlite::Connection& db, const Uuid& id, int64_t version, const Patch<Row>& patch,
                              const Uuid& user) const {
  TILL_TRY(const SharedRow found, get_version<Row>(db, id, version));
  TILL_TRY(Row after, shown<Row>(db, found));
  patch.apply(after);
  TILL_CHECK(check(db, after));
  auto fields = edits_to(&found.image, after);
  if (!fields.empty()) {
    Tx tx(db, ids_, clock_.now());
    TILL_CHECK(apply(tx, {.entity = kEntity<Row>, .id = id, .fields = std::move(fields)}, user));
    TILL_CHECK(tx.revs.save());
  }
  return get_row<Row>(db, id);
}

template <class Row>
Status Catalogue::remove(sqlite::Connection& db, const Uuid& id, int64_t version, const Uuid& user) const {
  TILL_CHECK(get_version<Row>(db, id, version));
  Tx tx(db, ids_, clock_.now());
  TILL_CHECK(set_removed(tx, kEntity<Row>, id, true, {}, user));
  return tx.revs.save();
}

Status Catalogue::set_field(Tx& tx, Entity entity, const Uuid& id, const std::string& field, const std::string& value,
                            const Uuid& conflict, const Uuid& user) const {
  TILL_TRY(const auto found, find_row(tx.db, entity, id));
  const core::RowField* now = found ? found->image.find(field) : nullptr;
  if (!now || now->value == value) return {};
  return apply(tx,
               {.entity = entity,
                .action = Action::resolve,
                .id = id,
                .conflict = conflict,
                .fields = {{field, now->tags, now->value, value}}},
               user);
}

Status Catalogue::set_removed(Tx& tx, Entity entity, const Uuid& id, bool removed, const Uuid& conflict,
                              const Uuid& user) const {
  TILL_TRY(const auto found, find_row(tx.db, entity, id));
  if (!found || found->image.removed == removed) return {};
  core::RowEdit edit{
      .entity = entity, .action = removed ? Action::remove : Action::change, .id = id, .conflict = conflict};
  for (const core::RowField& field : found->image.fields)
    edit.fields.push_back({field.name, field.tags, field.value, removed ? "null" : field.value});
  return apply(tx, std::move(edit), user);
}

#define TILL_ROWS_OF(Row)                                                                                   \
  template Result<Row> get_row<Row>(sqlite::Connection&, const Uuid&);                                      \
  template Result<domain::Page<Row>> list_rows<Row>(sqlite::Connection&, domain::Slice);                    \
  template Result<Row> get_row_by_key<Row>(sqlite::Connection&, std::string_view, std::string_view);        \
  template Result<Row> Catalogue::add<Row>(sqlite::Connection&, Row, const Uuid&) const;                    \
  template Result<Row> Catalogue::change<Row>(sqlite::Connection&, const Uuid&, int64_t, const Patch<Row>&, \
                                              const Uuid&) const;                                           \
  template Status Catalogue::remove<Row>(sqlite::Connection&, const Uuid&, int64_t, const Uuid&) const;
TILL_ROWS_OF(Product)
TILL_ROWS_OF(Category)
#undef TILL_ROWS_OF

}  // namespace till::hub
