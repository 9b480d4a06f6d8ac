// A JSON Schema (2020-12, as OpenAPI 3.1 uses it) by name, made from a row's field list (D7, base/fields.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace till {

struct Schema {
  std::string_view name;               // component name in OpenAPI: "Product", "ProductChange"
  void (*write)(JsonWriter& out);      // writes the schema object
  std::vector<const Schema*> uses{};   // schemas it refers to by "#/components/schemas/<name>"
};

}  // namespace till
