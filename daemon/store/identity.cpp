#include "store/identity.h"

#include "domain/journal.h"
#include "sync/outbox/edits.h"

namespace till::store {
namespace {

Status set_meta(sqlite::Connection& db, const char* key, const std::string& value) {
  return db.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", std::string_view(key), value);
}

Result<std::string> get_meta(sqlite::Connection& db, const char* key) {
  TILL_TRY(auto value, (db.value<std::string>("SELECT value FROM meta WHERE key = ?", std::string_view(key))));
  return std::move(value).value_or("");
}

// Seconds × 1000: above any version a former life of the node can have reached by counting edits.
int64_t fresh_version_base(Time now, int64_t former) { return std::max(now.ms / 1000 * 1000, former + 1'000'000); }

}  // namespace

std::string Identity::receipt_number(int64_t n) const { return domain::receipt_number(node, epoch_tag, n); }

Result<std::optional<Identity>> find_identity(sqlite::Connection& db) {
  Identity identity;
  TILL_TRY(identity.node, get_meta(db, "node"));
  if (identity.node.empty()) return std::optional<Identity>{};
  TILL_TRY(identity.tenant, get_meta(db, "tenant"));
  TILL_TRY(identity.store, get_meta(db, "store"));
  TILL_TRY(identity.currency, get_meta(db, "currency"));
  TILL_TRY(auto base, (db.value<int64_t>("SELECT value FROM meta WHERE key = 'version_base'")));
  identity.version_base = base.value_or(1);
  auto query = db.query("SELECT id, epoch, sale_base FROM epochs ORDER BY id DESC LIMIT 1");
  if (query.next()) query.read(identity.epoch_row, identity.epoch, identity.sale_base);
  TILL_CHECK(query.status());
  identity.epoch_tag = domain::epoch_tag(identity.epoch);
  return std::optional(std::move(identity));
}

Result<Identity> create_identity(sqlite::Connection& db, const Names& names, Random& random, Time now) {
  TILL_CHECK(set_meta(db, "tenant", names.tenant));
  TILL_CHECK(set_meta(db, "store", names.store));
  TILL_CHECK(set_meta(db, "node", names.node));
  TILL_CHECK(set_meta(db, "currency", names.currency));
  TILL_CHECK(begin_epoch(db, random, now));
  TILL_TRY(auto identity, find_identity(db));
  return std::move(*identity);
}

Status begin_epoch(sqlite::Connection& db, Random& random, Time now) {
  TILL_TRY(auto base, (db.value<int64_t>("SELECT value FROM meta WHERE key = 'version_base'")));
  TILL_CHECK(db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('version_base', ?)",
                    fresh_version_base(now, base.value_or(0))));
  TILL_CHECK(
      db.run("INSERT INTO epochs (epoch, started_at, prev_hash, sale_base) VALUES (?1, ?2, coalesce("
             "(SELECT hash FROM orders WHERE epoch = (SELECT max(id) FROM epochs) ORDER BY row DESC LIMIT 1),"
             "(SELECT prev_hash FROM epochs ORDER BY id DESC LIMIT 1), zeroblob(32)),"
             " coalesce((SELECT sale_base FROM epochs ORDER BY id DESC LIMIT 1), 0)"
             " + (SELECT backed FROM sync_streams WHERE stream = ?3))",
             random_bytes<8>(random), now, core::Stream::sale));
  return outbox::rewrap(db);
}

Result<std::vector<Epoch>> list_epochs(sqlite::Connection& db) {
  auto query = db.query("SELECT id, epoch, prev_hash FROM epochs WHERE id > 0 ORDER BY id");
  std::vector<Epoch> epochs;
  while (query.next()) {
    Epoch& epoch = epochs.emplace_back();
    query.read(epoch.row, epoch.bytes, epoch.prev_hash);
  }
  TILL_CHECK(query.status());
  return epochs;
}

}  // namespace till::store
