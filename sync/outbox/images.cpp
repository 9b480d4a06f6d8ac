#include "sync/outbox/images.h"

namespace till::outbox {
namespace {

struct Statements {
  const char *find, *put;
};
constexpr Statements kStatements[] = {
    {"SELECT rev, image FROM hub_rows WHERE entity = ? AND id = ?",
     "INSERT OR REPLACE INTO hub_rows (entity, id, rev, image) VALUES (?, ?, ?, ?)"},
    {"SELECT rev, image FROM hub_rows_shadow WHERE entity = ? AND id = ?",
     "INSERT OR REPLACE INTO hub_rows_shadow (entity, id, rev, image) VALUES (?, ?, ?, ?)"},
};

}  // namespace

Result<std::optional<core::RowImage>> find_image(sqlite::Connection& db, const RowKey& key) {
  TILL_TRY(const auto bytes,
           (db.value<Bytes>("SELECT image FROM hub_rows WHERE entity = ? AND id = ?", key.entity, key.id)));
  if (!bytes) return std::optional<core::RowImage>{};
  TILL_TRY(auto image, core::read_image(*bytes));
  return std::optional(std::move(image));
}

Result<bool> put_image(sqlite::Connection& db, ImageSet set, const core::RowImage& image, core::SetHash& digest) {
  const Statements& sql = kStatements[static_cast<size_t>(set)];
  {
    auto former = db.query(sql.find, image.entity, image.id);
    if (former.next()) {
      if (former.get<int64_t>(0) >= image.rev) return false;
      digest.remove(former.get<Bytes>(1));
    }
    TILL_CHECK(former.status());
  }
  const Bytes bytes = core::write_image(image);
  digest.add(bytes);
  TILL_CHECK(db.run(sql.put, image.entity, image.id, image.rev, bytes));
  return true;
}

Status note_fault(sqlite::Connection& db, const RowKey& key, const std::string& fault) {
  return db.run("UPDATE hub_rows SET fault = ?3 WHERE entity = ?1 AND id = ?2 AND fault IS NOT ?3", key.entity, key.id,
                fault.empty() ? std::nullopt : std::optional(fault));
}

Result<int64_t> count_faults(sqlite::Connection& db) {
  TILL_TRY(const auto count, db.value<int64_t>("SELECT count(*) FROM hub_rows WHERE fault IS NOT NULL"));
  return count.value_or(0);
}

Result<std::vector<RowKey>> swap_images(sqlite::Connection& db) {
  std::vector<RowKey> differing;
  {
    auto query = db.query(
        "SELECT s.entity, s.id FROM hub_rows_shadow s LEFT JOIN hub_rows r ON r.entity = s.entity AND r.id = s.id"
        " WHERE r.image IS NOT s.image OR r.fault IS NOT NULL UNION ALL"
        " SELECT r.entity, r.id FROM hub_rows r LEFT JOIN hub_rows_shadow s ON s.entity = r.entity AND s.id = r.id"
        " WHERE s.image IS NULL");
    while (query.next()) differing.push_back({query.get<core::Entity>(0), query.get<Uuid>(1)});
    TILL_CHECK(query.status());
  }
  TILL_CHECK(db.run("DELETE FROM hub_rows"));
  TILL_CHECK(
      db.run("INSERT INTO hub_rows (entity, id, rev, image) SELECT entity, id, rev, image FROM hub_rows_shadow"));
  TILL_CHECK(clear_shadow(db));
  return differing;
}

Status clear_shadow(sqlite::Connection& db) { return db.run("DELETE FROM hub_rows_shadow"); }

}  // namespace till::outbox
