#include "access/addresses.h"

#include "access/answers.h"
#include "access/user_rows.h"
#include "domain/refusal.h"

namespace till::access {
namespace {

using domain::Address;
using http::Finish;
using http::Work;

Result<Address> find(const Storage& storage, std::optional<int64_t> owner, const Uuid& id) {
  TILL_TRY(auto address, storage.find_address(id));
  if (!address || address->customer != owner.value_or(address->customer))
    return Error{.code = Code::not_found, .message = "There is no such address"};
  return std::move(*address);
}

}  // namespace

Result<Address> Addresses::get(std::optional<int64_t> owner, const Uuid& id) const {
  return find(ports_.reading, owner, id);
}

Result<std::vector<Address>> Addresses::list(int64_t owner) const { return ports_.reading.list_addresses(owner); }

Work Addresses::add(Actor actor, Address wanted) {
  return Work([this, actor = std::move(actor), address = std::move(wanted)]() mutable -> Result<Finish> {
    TILL_TRY(const auto customer, ports_.writing.find_user_by_row(actor.caller.user));
    if (!customer) return no_such_user();
    TILL_TRY(const auto others, ports_.writing.list_addresses(customer->row));
    if (others.size() >= kMostAddresses)
      return Error{Code::conflict, "These are enough addresses, remove one first", "too_many_addresses"};
    address.customer = customer->row;
    address.is_default |= others.empty();
    if (address.is_default) TILL_CHECK(clear_default(customer->row));
    begin(address, ports_, settings_.version_base);
    TILL_CHECK(ports_.writing.add_address(address));
    return answer_created(std::move(address), "/api/v1/addresses");
  });
}

Work Addresses::change(Actor actor, const Uuid& id, http::Change<Address> change) {
  return Work([this, actor = std::move(actor), id, change = std::move(change)]() -> Result<Finish> {
    TILL_TRY(const Address before, own(actor, id, change.version));
    Address after = before;
    change.patch.apply(after);
    if (before.is_default && !after.is_default)
      return Error{Code::conflict, "Make another address the default instead", "default_needed"};
    if (!before.is_default && after.is_default) TILL_CHECK(clear_default(before.customer));
    touch(after, ports_, settings_.version_base);
    TILL_CHECK(ports_.writing.change_address(after));
    return answer_row(std::move(after));
  });
}

Work Addresses::remove(Actor actor, const Uuid& id, int64_t version) {
  return Work([this, actor = std::move(actor), id, version]() -> Result<Finish> {
    TILL_TRY(const Address address, own(actor, id, version));
    TILL_CHECK(ports_.writing.remove_address(address.row));
    TILL_TRY(const auto others, ports_.writing.list_addresses(address.customer));
    if (address.is_default && !others.empty()) TILL_CHECK(set_default(others.back(), true));
    return answer_nothing();
  });
}

Result<Address> Addresses::own(const Actor& actor, const Uuid& id, int64_t version) const {
  TILL_TRY(Address address, find(ports_.writing, actor.caller.user, id));
  TILL_CHECK(domain::check_version(address, version));
  return address;
}

Status Addresses::set_default(Address address, bool is_default) {
  address.is_default = is_default;
  touch(address, ports_, settings_.version_base);
  return ports_.writing.change_address(address);
}

Status Addresses::clear_default(int64_t owner) {
  TILL_TRY(const auto all, ports_.writing.list_addresses(owner));
  for (const Address& address : all)
    if (address.is_default) TILL_CHECK(set_default(address, false));
  return {};
}

}  // namespace till::access
