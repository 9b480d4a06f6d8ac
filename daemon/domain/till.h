// A till: the place in the shop where a device of the staff stands. It is paired once, by a code that a manager reads
// out; then the device's token says which till it is.
#pragma once

#include "domain/head.h"

namespace till::domain {

// Stored as its number: append only.
enum class TillState : uint8_t { unpaired, paired, revoked };

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::TillState> {
  static constexpr std::array<std::string_view, 3> names{"unpaired", "paired", "revoked"};
};

namespace till::domain {

struct Till : Head {
  std::string name;
  TillState state = TillState::unpaired;
  std::optional<Time> paired_at{};
  std::string code_hash;   // SHA-256 in hexadecimal of the code that waits to be typed; "": none
  Time code_until{};       // the code is good before this
  std::string token_hash;  // likewise, of the device's token

  static constexpr std::string_view kName = "Till";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Till>(),
        std::tuple(field("name", &Till::name).text(1, 100).required(),
                   field("state", &Till::state).read_only().doc("a revoked till stays so: add another one"),
                   field("paired_at", &Till::paired_at).read_only().doc("when its device got its token"),
                   field("code_hash", &Till::code_hash).hidden(), field("code_until", &Till::code_until).hidden(),
                   field("token_hash", &Till::token_hash).hidden()));
  }
};

}  // namespace till::domain
