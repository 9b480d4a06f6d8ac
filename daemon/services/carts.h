// Carts (20-api, cart): of a user, or of whoever works at a till. Each change is one write and an event to its owner
// and till; the order that it becomes empties it in its own commit.
#pragma once

#include "services/notices.h"
#include "store/carts.h"

namespace till::services {

class Carts {
 public:
  Carts(const Context& context, const Notices& notices) : context_(context), notices_(notices) {}

  /// The caller's current cart, priced as of now; one that was never used is empty, with version 0.
  Result<domain::Cart> get(const http::Caller& caller) const;

  /// Errors: invalid with pointers (unknown_product, inactive); conflict (cart_full).
  Result<domain::Cart> add(const domain::CartAddition& wanted, const http::Caller& caller);
  /// Zero takes the product out. Errors: not_found, stale with the cart as it is.
  Result<domain::Cart> set_quantity(const Uuid& product_id, int64_t quantity, int64_t version,
                                    const http::Caller& caller);
  Result<domain::Cart> clear(int64_t version, const http::Caller& caller);

  /// Puts the current cart aside under a name; the next one is empty. Errors: conflict (cart_empty,
  /// too_many_carts).
  Result<domain::Cart> park(const std::string& name, const http::Caller& caller);
  /// Staff see those that staff parked, a customer his own. Oldest first.
  Result<domain::Page<domain::Cart>> list_parked(const http::Caller& caller, domain::Slice slice) const;
  /// Makes a parked one the current cart. Errors: not_found; conflict (cart_in_use) while the current one has lines.
  Result<domain::Cart> resume(const Uuid& id, const http::Caller& caller);
  Status discard(const Uuid& id, const http::Caller& caller);

  /// Empties the current cart into lines of an order that is being made, in that order's write. Errors: conflict
  /// (cart_empty); stale if `version` is given and another.
  Result<std::vector<domain::LineDraft>> take(std::optional<int64_t> version, const http::Caller& caller);

 private:
  Result<domain::Cart> current(sqlite::Connection& db, const http::Caller& caller) const;
  Result<domain::Cart> open(const http::Caller& caller);
  Status touch(domain::Cart& cart, const http::Caller& caller);
  Result<domain::Cart> changed(domain::Cart cart, const http::Caller& caller);
  Result<domain::Cart> parked(const Uuid& id, const http::Caller& caller) const;
  Status fill(sqlite::Connection& db, domain::Cart& cart) const;

  const Context& context_;
  const Notices& notices_;
};

}  // namespace till::services
