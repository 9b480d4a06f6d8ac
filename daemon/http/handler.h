// What handlers share: bodies and parameters in, rows and lists out. One way to do each, for api/ and access/.
#pragma once

#include <initializer_list>

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

/// What every list understands, and what one has besides: for Route::knows().
std::vector<std::string_view> list_query(std::initializer_list<std::string_view> others = {});

/// Paging (20-api): `limit` 1..200, `cursor` as the last page gave it, opaque to the client, and of the same `sort`.
struct PageQuery {
  int64_t limit = 50;
  int64_t cursor = 0;  // 0: from the beginning
  bool total = false;
  std::string after{};  // lists in another order than that of their rows: where the last page ended in it
};
Result<PageQuery> page_query(const Request& request);

/// The row as JSON, its version as ETag.
template <Described Row>
Response row_response(const Row& row, int status = 200) {
  Response response{.status = status, .body = to_json(row)};
  if constexpr (requires { row.version; }) response.version = row.version;
  return response;
}

/// How a page ends: see domain::Page.
struct PageEnd {
  int64_t next = 0;
  std::string_view after{};
  std::optional<int64_t> total{};
};

/// {"items": […], "next": …, "total"?} and Link: rel="next". `items` is the JSON list.
Response list_response(const Request& request, std::string_view items, const PageEnd& end);

/// Which of these fields `fields` asks for: all if it is not given. Error: invalid, with the name that is none of them.
Result<FieldMask> fields_query(const Request& request, const std::vector<std::string_view>& names);

/// The names of a row's fields, by index; "" for one that is not shown.
template <Described Row>
const std::vector<std::string_view>& shown_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for_each_field<Row>([&](const auto& f, size_t) { all.push_back(is_shown(f.edit) ? f.name : std::string_view()); });
    return all;
  }();
  return names;
}

/// Writes the row's chosen members as a JSON object.
template <Described Row>
void write_members(JsonWriter& out, const Row& row, const FieldMask& wanted) {
  out.begin_object();
  for_each_field<Row>([&](const auto& f, size_t index) {
    if (!wanted.test(index)) return;
    out.key(f.name);
    Codec<typename std::decay_t<decltype(f)>::Type>::write(out, row.*f.member);
  });
  out.end_object();
}

/// The rows with the members that `fields` asks for.
template <Described Row>
Result<Outcome> list_response(const Request& request, const std::vector<Row>& rows, const PageEnd& end) {
  TILL_TRY(const FieldMask wanted, fields_query(request, shown_names<Row>()));
  std::string items;
  JsonWriter out(items);
  out.begin_array();
  for (const Row& row : rows) write_members(out, row, wanted);
  out.end_array();
  return list_response(request, items, end);
}
template <Described Row>
Result<Outcome> list_response(const Request& request, const std::vector<Row>& rows, int64_t next) {
  return list_response(request, rows, PageEnd{.next = next});
}
/// A domain::Page of described rows.
template <class Page>
Result<Outcome> list_response(const Request& request, const Page& page) {
  return list_response(request, page.items, PageEnd{page.next, page.after, page.total});
}

/// Writes the schema of a list of such rows, none of whose members need be there: `fields` may leave them out.
void write_list_schema(JsonWriter& out, const Schema& row);

/// {"items": [Row…], "next": text or null, "total"?}: what list_response() writes, for the documents.
template <Described Row>
const Schema* list_schema() {
  static const Schema schema{std::string(Row::kName) + "List",
                             [](JsonWriter& out) { write_list_schema(out, *answer_schema<Row>()); }};
  return &schema;
}

}  // namespace till::http
