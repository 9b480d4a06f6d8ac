// An address that a customer keeps for his orders. Personal data: it goes when he goes; orders hold a copy of their own
// (domain/postal_address.h).
#pragma once

#include "domain/head.h"
#include "domain/postal_address.h"

namespace till::domain {

struct Address : Head, PostalAddress {
  bool is_default = false;
  int64_t customer = 0;  // row of the user it belongs to

  static constexpr std::string_view kName = "Address";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Address>(), postal_fields<Address>(),
        std::tuple(field("is_default", &Address::is_default).doc("the one that is meant if none is named"),
                   field("customer", &Address::customer).hidden()));
  }
};

}  // namespace till::domain
