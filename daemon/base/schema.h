// A JSON Schema (2020-12, as OpenAPI 3.1 uses it) by name, made from a row's field list (D7, base/fields.h).
#pragma once

#include <string>

#include "base/json.h"

namespace till {

struct Schema {
  std::string name;                // component name in OpenAPI: "Product", "ProductChange"
  void (*write)(JsonWriter& out);  // writes the schema object
};

}  // namespace till
