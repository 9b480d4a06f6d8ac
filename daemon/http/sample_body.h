// An example of a request body, made from its JSON Schema: what must be there, with values that fit. For the Postman
// collection (http/postman.h). Pure.
#pragma once

#include <string>

#include "base/schema.h"

namespace till::http {

/// JSON: the required members (of a schema that requires none its first), each as short as the schema allows it to mean
/// something. The id of another row is a variable of Postman: "{{product_id}}".
std::string sample_body(const Schema& schema);

}  // namespace till::http
