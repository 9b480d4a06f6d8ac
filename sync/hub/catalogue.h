// Products and categories as headquarters edits them: the node's rules of services/catalogue.h as far as they hold for
// all stores, through the one merge of sync. Headquarters sees the newest version and names it, so its edits never
// clash; a key that another row holds is refused here, because there is somebody to tell.
#pragma once

#include "domain/page.h"
#include "domain/product.h"
#include "sync/hub/edits.h"
#include "sync/hub/identity.h"

namespace till::hub {

/// Row: domain::Product or domain::Category. A row's version is its rev. Reads on any connection; writes in a job of
/// the writer. Errors: not_found, stale (with the row as it is), conflict ("taken"), invalid.
template <class Row>
Result<Row> get_row(sqlite::Connection& db, const Uuid& id);
/// In order of their making.
template <class Row>
Result<domain::Page<Row>> list_rows(sqlite::Connection& db, domain::Slice slice);
/// The row that has a key: "sku", "slug", "barcodes".
template <class Row>
Result<Row> get_row_by_key(sqlite::Connection& db, std::string_view field, std::string_view value);

class Catalogue {
 public:
  Catalogue(Clock& clock, IdSource& ids, const Identity& identity) : clock_(clock), ids_(ids), identity_(identity) {}

  template <class Row>
  Result<Row> add(sqlite::Connection& db, Row row, const Uuid& user) const;
  template <class Row>
  Result<Row> change(sqlite::Connection& db, const Uuid& id, int64_t version, const Patch<Row>& patch,
                     const Uuid& user) const;
  template <class Row>
  Status remove(sqlite::Connection& db, const Uuid& id, int64_t version, const Uuid& user) const;

  /// Sets one field of a row as it is now; what clashed, or what another policy wants. `conflict`: the journal's entry.
  Status set_field(Tx& tx, core::Entity entity, const Uuid& id, const std::string& field, const std::string& value,
                   const Uuid& conflict, const Uuid& user) const;
  /// Removes a row, or brings it back.
  Status set_removed(Tx& tx, core::Entity entity, const Uuid& id, bool removed, const Uuid& conflict,
                     const Uuid& user) const;

 private:
  Status apply(Tx& tx, core::RowEdit edit, const Uuid& user) const;
  template <class Row>
  Status check(sqlite::Connection& db, Row& row) const;

  Clock& clock_;
  IdSource& ids_;
  const Identity& identity_;
};

}  // namespace till::hub
