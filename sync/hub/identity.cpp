#include "sync/hub/identity.h"

namespace till::hub {
namespace {

template <class T>
Result<std::optional<T>> get(sqlite::Connection& db, const char* key) {
  return db.value<T>("SELECT value FROM meta WHERE key = ?", std::string_view(key));
}

template <class T>
Status set(sqlite::Connection& db, const char* key, const T& value) {
  return db.run("INSERT INTO meta (key, value) VALUES (?, ?)", std::string_view(key), value);
}

}  // namespace

Result<std::optional<Identity>> find_identity(sqlite::Connection& db) {
  TILL_TRY(const auto tenant, get<std::string>(db, "tenant"));
  if (!tenant) return std::optional<Identity>{};
  TILL_TRY(const auto currency, get<std::string>(db, "currency"));
  TILL_TRY(const auto epoch, get<core::HubEpoch>(db, "hub_epoch"));
  TILL_TRY(const auto base, get<int64_t>(db, "version_base"));
  return std::optional(Identity{{*tenant, currency.value_or("")}, epoch.value_or(core::HubEpoch{}), base.value_or(1)});
}

Result<Identity> create_identity(sqlite::Connection& db, const Names& names, Random& random, Time now) {
  const Identity made{names, random_bytes<8>(random), now.ms / 1000 * 1000};
  TILL_CHECK(set(db, "tenant", names.tenant));
  TILL_CHECK(set(db, "currency", names.currency));
  TILL_CHECK(set(db, "hub_epoch", made.epoch));
  TILL_CHECK(set(db, "version_base", made.version_base));
  return made;
}

}  // namespace till::hub
