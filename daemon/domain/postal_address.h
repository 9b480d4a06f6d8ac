// Where goods go: the lines of an address as people write them. A customer's kept addresses (domain/address.h) and the
// copy on an order that is delivered have the same ones.
#pragma once

#include "base/fields.h"

namespace till::domain {

struct PostalAddress {
  std::string full_name;
  std::string phone;
  std::string street;
  std::string city;
  std::string state;
  std::string postal_code;
  std::string country;

  static constexpr std::string_view kName = "PostalAddress";
  static constexpr auto fields();
};

/// The fields of every struct that has them, to be joined with its own by std::tuple_cat.
template <class Row>
constexpr auto postal_fields() {
  return std::tuple(field("full_name", &Row::full_name).text(1, 200).required(),
                    field("phone", &Row::phone).text(0, 40), field("street", &Row::street).text(1, 200).required(),
                    field("city", &Row::city).text(1, 100).required(), field("state", &Row::state).text(0, 100),
                    field("postal_code", &Row::postal_code).text(0, 20),
                    field("country", &Row::country).text(2, 100).required().doc("name, or ISO 3166 code"));
}

constexpr auto PostalAddress::fields() { return postal_fields<PostalAddress>(); }

}  // namespace till::domain
