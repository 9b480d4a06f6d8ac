#include "store/shared.h"

#include "store/categories.h"
#include "store/products.h"
#include "store/remote.h"

namespace till::store {
namespace {

using domain::Category;
using domain::Product;

template <Described Row>
struct View {
  Row row;
  bool shown = false;
  bool shared = false;  // the hub has it
  Faults faults;
};

template <Described Row>
Result<View<Row>> view_of(sqlite::Connection& db, const outbox::RowKey& key) {
  View<Row> view;
  view.row.id = key.id;
  TILL_TRY(const auto image, outbox::find_image(db, key));
  if (image) {
    view.shared = true;
    view.shown = !image->removed;
    for (const core::RowField& field : image->fields) set_field(view.row, field, view.faults);
  }
  TILL_TRY(const auto edits, outbox::pending_edits(db, key));
  for (const outbox::Pending& pending : edits) {
    view.shown = pending.edit.action != core::Action::remove;
    if (!view.shown) continue;
    for (const core::FieldEdit& field : pending.edit.fields) set_field(view.row, field, view.faults);
  }
  return view;
}

void check(Product& product, const Identity& identity, Faults& faults) {
  if (product.currency.empty()) product.currency = identity.currency;
  if (product.currency != identity.currency) faults.add("/currency", "currency", "is not the store's");
}
void check(Category&, const Identity&, Faults&) {}

// The verbs of products have indexes and stock to look after.
struct ProductVerbs {
  static Status add(sqlite::Connection& db, Product& row, const Stamp& stamp) {
    TILL_CHECK(add_product(db, row, stamp));
    return book_waiting(db, row.id, stamp.version_base);
  }
  static constexpr auto change = &change_product;
  static constexpr auto remove = &remove_product;
  static constexpr auto revive = &revive_product;
  static Status mark_shared(sqlite::Connection& db, const Uuid& id, bool shared) {
    return db.run("UPDATE products SET shared = ?2 WHERE id = ?1 AND shared <> ?2", id, shared);
  }
};
struct CategoryVerbs {
  static constexpr auto add = &Categories::insert;
  static constexpr auto change = &Categories::update;
  static constexpr auto remove = &Categories::remove;
  static constexpr auto revive = &Categories::revive;
  static Status mark_shared(sqlite::Connection&, const Uuid&, bool) { return {}; }  // they have no lookup by key
};

template <Described Row, class Verbs>
Status show(sqlite::Connection& db, const Identity& identity, const outbox::RowKey& key, const Stamp& stamp) {
  TILL_TRY(auto view, view_of<Row>(db, key));
  if (view.shown) check(view.row, identity, view.faults);
  if (!view.faults.empty()) {
    const FieldError first = std::move(view.faults).error().fields.front();
    return outbox::note_fault(db, key, first.pointer + " " + first.detail);
  }
  TILL_CHECK(outbox::note_fault(db, key, {}));
  TILL_TRY(const auto kept, Table<Row>::find_kept(db, key.id));
  if (!kept) {
    if (!view.shown) return {};
    TILL_CHECK(Verbs::add(db, view.row, stamp));
  } else if (kept->removed) {
    if (view.shown) TILL_CHECK(Verbs::revive(db, kept->row, view.row, stamp));
  } else if (view.shown) {
    view.row.row = kept->row.row;
    TILL_CHECK(Verbs::change(db, kept->row, view.row, stamp));
  } else {
    TILL_CHECK(Verbs::remove(db, kept->row, stamp));
  }
  return Verbs::mark_shared(db, key.id, view.shared);
}

}  // namespace

Status show_row(sqlite::Connection& db, const Identity& identity, const outbox::RowKey& key, const Stamp& stamp) {
  return key.entity == Entity::product ? show<Product, ProductVerbs>(db, identity, key, stamp)
                                       : show<Category, CategoryVerbs>(db, identity, key, stamp);
}

}  // namespace till::store
