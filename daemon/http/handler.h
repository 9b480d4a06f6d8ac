// What handlers share: bodies and parameters in, rows and lists out. One way to do each, for api/ and access/.
#pragma once

#include "base/fields.h"
#include "http/conditional.h"
#include "http/message.h"

namespace till::http {

/// The body as JSON. Errors: invalid ("invalid_json") with the offset of the fault.
Result<Json> body_json(const Request& request);

/// The body as a new row, every fault at once.
template <Described Row>
Result<Row> body(const Request& request) {
  TILL_TRY(const Json json, body_json(request));
  return row_from_json<Row>(json);
}

/// A PATCH: the fields to set, and the version the caller saw (If-Match, or "version" in the body).
template <Described Row>
struct Change {
  Patch<Row> patch;
  int64_t version = 0;
};

/// Takes "version" out of an object's members. Error: invalid if it is no whole number.
Result<std::optional<int64_t>> take_version(Json& json);

template <Described Row>
Result<Change<Row>> change(const Request& request) {
  TILL_TRY(Json json, body_json(request));
  TILL_TRY(const auto in_body, take_version(json));
  Change<Row> change;
  TILL_TRY(change.version, expected_version(request, in_body));
  TILL_TRY(change.patch, patch_from_json<Row>(json));
  return change;
}

/// A path parameter that is a UUID; anything else names nothing: not_found.
Result<Uuid> id_param(const Request& request, std::string_view name = "id");

/// Query values by type: nullopt if not given, invalid with the parameter's name if malformed.
Result<std::optional<bool>> bool_query(const Request& request, std::string_view name);
Result<std::optional<int64_t>> integer_query(const Request& request, std::string_view name);
Result<std::optional<Uuid>> id_query(const Request& request, std::string_view name);
template <NamedEnum E>
Result<std::optional<E>> enum_query(const Request& request, std::string_view name) {
  const std::string* text = request.query_value(name);
  if (!text) return std::optional<E>{};
  if (const auto value = parse_enum<E>(*text)) return std::optional<E>(*value);
  return invalid_field("?" + std::string(name), "value", "is not one of its values");
}

/// RFC 3986 percent-encoding of everything but unreserved characters.
std::string percent_encode(std::string_view text);

/// Paging (20-api): `limit` 1..200, `cursor` as the last page gave it, opaque to the client.
struct PageQuery {
  int64_t limit = 50;
  int64_t cursor = 0;  // 0: from the beginning
};
Result<PageQuery> page_query(const Request& request);

/// The row as JSON, its version as ETag.
template <Described Row>
Response row_response(const Row& row, int status = 200) {
  Response response{.status = status, .body = to_json(row)};
  if constexpr (requires { row.version; }) response.version = row.version;
  return response;
}

/// {"items": […], "next": …} and Link: rel="next". `items` is the JSON list; `next` 0: this was the last page.
Response list_response(const Request& request, std::string_view items, int64_t next);

template <Described Row>
Response list_response(const Request& request, const std::vector<Row>& rows, int64_t next) {
  std::string items;
  JsonWriter out(items);
  Codec<std::vector<Row>>::write(out, rows);
  return list_response(request, items, next);
}

/// {"items": [Row…], "next": text or null}: what list_response() writes, for the documents.
template <Described Row>
const Schema* list_schema() {
  static const Schema schema{
      std::string(Row::kName) + "List", [](JsonWriter& out) {
        out.begin_object().member("type", "object").member("additionalProperties", false);
        out.key("properties").begin_object();
        out.key("items").begin_object().member("type", "array").key("items");
        write_schema<Row, Side::answer>(out);
        out.end_object();
        out.key("next").raw(R"({"type":["string","null"],"description":"cursor of the next page; null at the end"})");
        out.end_object().key("required").raw(R"(["items","next"])").end_object();
      }};
  return &schema;
}

}  // namespace till::http
