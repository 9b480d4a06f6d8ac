#include "domain/refusal.h"

namespace till::domain {

Error taken(std::string pointer, const std::string& what) {
  Error error{.code = Code::conflict, .message = what + " belongs to another one already", .reason = "taken"};
  error.fields.push_back({std::move(pointer), "taken", error.message});
  return error;
}

}  // namespace till::domain
