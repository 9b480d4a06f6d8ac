#include "http/handler.h"

#include <charconv>

namespace till::http {
namespace {

constexpr int64_t kMaxPage = 200;

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Error bad_query(std::string_view name, std::string detail) {
  return invalid_field("?" + std::string(name), "value", std::move(detail));
}

std::string encode_cursor(int64_t row) { return to_base64url(as_bytes(std::to_string(row))); }

std::optional<int64_t> decode_cursor(std::string_view text) {
  const auto bytes = from_base64url(text);
  return bytes ? parse_integer(as_text(*bytes)) : std::nullopt;
}

// The address of the next page: this one's path and query with another cursor.
std::string next_target(const Request& request, const std::string& cursor) {
  std::string target = request.path + "?cursor=" + cursor;
  for (const auto& [name, value] : request.query) {
    if (name == "cursor") continue;
    target += "&" + percent_encode(name) + "=" + percent_encode(value);
  }
  return target;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

Result<Json> body_json(const Request& request) {
  auto json = parse_json(request.body);
  if (!json) json.error().reason = "invalid_json";
  return json;
}

Result<std::optional<int64_t>> take_version(Json& json) {
  Json::Object* members = json.object();
  if (!members) return std::optional<int64_t>{};
  for (auto it = members->begin(); it != members->end(); ++it) {
    if (it->first != "version") continue;
    if (!it->second.integer()) return invalid_field("/version", "type", "must be a whole number");
    const int64_t version = *it->second.integer();
    if (version < 0) return invalid_field("/version", "range", "no version is below zero");  // inside that means any
    members->erase(it);
    return std::optional(version);
  }
  return std::optional<int64_t>{};
}

Result<Uuid> id_param(const Request& request, std::string_view name) {
  if (const auto id = parse_uuid(request.param(name))) return *id;
  return Error{.code = Code::not_found, .message = "There is no such thing here"};
}

Result<std::optional<bool>> bool_query(const Request& request, std::string_view name) {
  const std::string* text = request.query_value(name);
  if (!text) return std::optional<bool>{};
  if (*text == "true") return std::optional(true);
  if (*text == "false") return std::optional(false);
  return bad_query(name, "must be true or false");
}

Result<std::optional<int64_t>> integer_query(const Request& request, std::string_view name) {
  const std::string* text = request.query_value(name);
  if (!text) return std::optional<int64_t>{};
  if (const auto value = parse_integer(*text)) return std::optional(*value);
  return bad_query(name, "must be a whole number");
}

Result<std::optional<Uuid>> id_query(const Request& request, std::string_view name) {
  const std::string* text = request.query_value(name);
  if (!text) return std::optional<Uuid>{};
  if (const auto id = parse_uuid(*text)) return std::optional(*id);
  return bad_query(name, "must be an id");
}

Result<PageQuery> page_query(const Request& request) {
  PageQuery page;
  TILL_TRY(const auto limit, integer_query(request, "limit"));
  if (limit) page.limit = *limit;
  if (page.limit < 1 || page.limit > kMaxPage)
    return bad_query("limit", "must be between 1 and " + std::to_string(kMaxPage));
  if (const std::string* text = request.query_value("cursor")) {
    const auto cursor = decode_cursor(*text);
    if (!cursor || *cursor <= 0) return bad_query("cursor", "is not one that this list gave out");
    page.cursor = *cursor;
  }
  return page;
}

Response list_response(const Request& request, std::string_view items, int64_t next) {
  Response response;
  JsonWriter out(response.body);
  out.begin_object().key("items").raw(items).key("next");
  if (next == 0) {
    out.null().end_object();
    return response;
  }
  const std::string cursor = encode_cursor(next);
  out.value(cursor).end_object();
  response.add("Link", "<" + next_target(request, cursor) + ">; rel=\"next\"");
  return response;
}

}  // namespace till::http
