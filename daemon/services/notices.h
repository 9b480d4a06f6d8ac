// Telling people what happened (20-api, notifications): a row, written in the commit of the change, for whoever is to
// be mailed, and an event for whoever is listening now. Inside a write; what reads on the caller's thread.
#pragma once

#include "access/ports.h"
#include "domain/order.h"
#include "domain/shipment.h"
#include "services/context.h"
#include "store/notices.h"

namespace till::services {

class Notices final : public access::Notifier {
 public:
  explicit Notices(const Context& context) : context_(context) {}

  /// Something happened to an order. Its customer gets a row, if it has one; staff, the customer and the till an event.
  Status tell_of_order(domain::NoticeKind kind, const domain::Order& order, const http::Caller& caller) const;
  /// A product ran low: a row and an event for managers.
  Status tell_of_stock(const Uuid& product_id, int64_t available) const;
  /// Something about a user's account: a row and an event for him. Its secret is kept for the mail, shown to nobody.
  Status tell(const access::Notice& notice) override;
  /// A cart changed: an event for its owner and till, nothing is written.
  void tell_of_cart(const Uuid& cart_id, int64_t version, int64_t owner, int64_t till) const;

  /// Newest first.
  Result<domain::Page<domain::Notice>> list(std::optional<domain::NoticeKind> kind, domain::Slice slice) const;
  /// Forgets a few that are older than 30 days, and secrets that are of no use any more. In a job of the writer.
  Status tidy() const;

 private:
  const Context& context_;
};

}  // namespace till::services
