// The addresses that customers keep for their orders. One of a customer's addresses is the one that is meant if none is
// named: the first he adds, until he says so of another. Functions that return Work may be called on any thread; the
// Work is the writer's.
// Refuses to change another's address, and to leave a customer who has addresses without a default.
#pragma once

#include "access/ports.h"
#include "http/handler.h"

namespace till::access {

inline constexpr size_t kMostAddresses = 100;  // of one customer

class Addresses {
 public:
  Addresses(Ports ports, const UserSettings& settings) : ports_(ports), settings_(settings) {}

  /// `owner`: row of the user it has to belong to; nullopt: anybody's. Error: not_found.
  [[nodiscard]] Result<domain::Address> get(std::optional<int64_t> owner, const Uuid& id) const;
  /// A customer's, oldest first.
  [[nodiscard]] Result<std::vector<domain::Address>> list(int64_t owner) const;

  /// One more of the caller's. Ends with it, 201. Errors: not_found (who asks is no user), conflict
  /// ("too_many_addresses").
  http::Work add(Actor actor, domain::Address wanted);
  /// One of the caller's. Ends with it. Errors: not_found, stale, conflict ("default_needed").
  http::Work change(Actor actor, const Uuid& id, http::Change<domain::Address> change);
  /// One of the caller's; was it the default, then the newest other one is. Ends with 204. Errors: not_found, stale.
  http::Work remove(Actor actor, const Uuid& id, int64_t version);

 private:
  Result<domain::Address> own(const Actor& actor, const Uuid& id, int64_t version) const;
  Status set_default(domain::Address address, bool is_default);
  Status clear_default(int64_t owner);

  const Ports ports_;
  const UserSettings& settings_;
};

}  // namespace till::access
