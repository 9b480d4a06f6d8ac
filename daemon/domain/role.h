// Roles and the rights they carry (20-api, Roles): public < customer < {cashier, inventory_manager} < manager < admin,
// and above them the operator: whoever reaches the control socket on the machine itself.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/codec.h"

namespace till::domain {

// Stored as its number: append only.
enum class Role : uint8_t { customer, cashier, inventory_manager, manager, admin, operator_ };

/// The bit a route asks for.
constexpr uint32_t right(Role role) { return 1U << static_cast<uint32_t>(role); }

/// All bits a role carries: its own and those of every role below it.
constexpr uint32_t rights_of(Role role) {
  switch (role) {
    case Role::customer:
      return right(Role::customer);
    case Role::cashier:
      return right(Role::cashier) | rights_of(Role::customer);
    case Role::inventory_manager:
      return right(Role::inventory_manager) | rights_of(Role::customer);
    case Role::manager:
      return right(Role::manager) | rights_of(Role::cashier) | rights_of(Role::inventory_manager);
    case Role::admin:
      return right(Role::admin) | rights_of(Role::manager);
    case Role::operator_:
      return right(Role::operator_) | rights_of(Role::admin);
  }
  return 0;
}

constexpr bool may(uint32_t rights, Role role) { return (rights & right(role)) != 0; }

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::Role> {
  static constexpr std::array<std::string_view, 6> names{"customer", "cashier", "inventory_manager",
                                                         "manager",  "admin",   "operator"};
};
