// Small parts of Request and Response (http/message.h).
#include "http/message.h"

namespace till::http {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::put:
      return "PUT";
    case Method::patch:
      return "PATCH";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
  }
  return "GET";
}

const std::string* Request::find(const Pairs& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return &value;
  }
  return nullptr;
}

const std::string& Request::param(std::string_view name) const {
  const std::string* value = find(params, name);
  TILL_ASSERT(value != nullptr);
  return *value;
}

Response& Response::add(std::string_view name, std::string_view value) {
  extra_headers.append(name).append(": ");
  for (char c : value) extra_headers.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
  extra_headers.append("\r\n");
  return *this;
}

}  // namespace till::http
