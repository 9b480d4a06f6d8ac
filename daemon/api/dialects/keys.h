// What of a row has another name, unit or spelling in a dialect, as lists of keys: a body is read by one list into what
// the canonical route takes, an answer is written by another from what it gave. A key that is not listed crosses in
// neither direction, and nothing else knows what it means.
// Used by the interpreter (interpreter.h), on whatever thread it runs; pure.
#pragma once

#include <vector>

#include "base/codec.h"

namespace till {
class IdSource;
}

namespace till::dialects {

/// What a conversion depends on beside the value.
struct Manner {
  bool is_v1 = false;        // else classic
  int currency_digits = 2;   // of the minor unit
  bool takes_cards = false;  // payments run in test mode: the numbers published for tests are taken
  IdSource* ids = nullptr;
};

/// Another spelling of one value. Null needs none and never gets here.
struct Form {
  /// False: `faults` has what is wrong with it.
  bool (*read)(const Json& theirs, Json& ours, const std::string& pointer, const Manner& manner, Faults& faults);
  void (*write)(const Json& ours, JsonWriter& out, const Manner& manner);
};

/// Where a member of a body goes.
enum class Place : uint8_t {
  body,
  path,   // it is a parameter of the canonical path
  aside,  // the line's own code does something with it
};

struct Key {
  std::string_view theirs;
  std::string_view ours;
  const Form* form = nullptr;  // null: as it is
  std::vector<Key> of{};       // of an object, or of each object of a list
  Place place = Place::body;
};
using Keys = std::vector<Key>;

/// A body's members, each in its place. Where two keys mean the same member, the first of the list that is there
/// counts.
struct Members {
  Json::Object body, path, aside;

  Json::Object& in(Place place) { return place == Place::body ? body : place == Place::path ? path : aside; }
};

/// A member by name, or null.
const Json* find(const Json::Object& members, std::string_view name);

/// A value that cannot be converted adds a fault and crosses as a truth value, which no converted member may be: the
/// canonical route still names what else is wrong with the body.
Members read_members(const Json::Object& theirs, const Keys& keys, const Manner& manner, const std::string& pointer,
                     Faults& faults);

/// The members of `ours` that the keys name, as an object; those it does not have are left out.
void write_row(const Json& ours, const Keys& keys, const Manner& manner, JsonWriter& out);

/// "/lines/0/product_id" → "/items/0/productId", as the client wrote it in `theirs`.
std::string their_pointer(std::string_view ours, const Keys& keys, const Json* theirs);

}  // namespace till::dialects
