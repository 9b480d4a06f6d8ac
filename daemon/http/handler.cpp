#include "http/handler.h"

#include <algorithm>
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

// A cursor is the base64url of `row`, or of `row sort after` where a list is in another order than that of its rows.
// The sort is in it because a place in one order is none in another. Rows of former lives and of other tills are below
// zero: they are written as the unsigned number of the same bits.
std::string_view sort_of(const Request& request) {
  const std::string* sort = request.query_value("sort");
  return sort ? std::string_view(*sort) : std::string_view();
}

std::string encode_cursor(const Request& request, const PageEnd& end) {
  std::string text = std::to_string(static_cast<uint64_t>(end.next));
  const std::string_view sort = sort_of(request);
  if (!sort.empty() || !end.after.empty()) text.append(" ").append(sort).append(" ").append(end.after);
  return to_base64url(as_bytes(text));
}

bool decode_cursor(const Request& request, std::string_view cursor, PageQuery& page) {
  const auto bytes = from_base64url(cursor);
  if (!bytes) return false;
  std::string_view text = as_text(*bytes);
  auto take_word = [&text] {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
  };
  const std::string_view word = take_word();
  uint64_t row = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), row);
  const bool is_row = read == std::from_chars_result{word.data() + word.size(), std::errc{}} && row != 0;
  if (!is_row || take_word() != sort_of(request) || !is_utf8(text)) return false;
  page.cursor = static_cast<int64_t>(row);
  page.after = text;
  return true;
}

// The address of the next page: this one's path and query with another cursor.
std::string next_target(const Request& request, const std::string& cursor) {
  std::string target;
  for (const char& c : request.path) target += c == '/' ? "/" : percent_encode({&c, 1});  // it came decoded
  target += "?cursor=" + cursor;
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
    if (!decode_cursor(request, *text, page)) return bad_query("cursor", "is not one that this list gave out");
  }
  TILL_TRY(const auto total, bool_query(request, "total"));
  page.total = total.value_or(false);
  return page;
}

std::vector<std::string_view> list_query(std::initializer_list<std::string_view> others) {
  std::vector<std::string_view> names{"limit", "cursor", "total", "fields"};
  names.insert(names.end(), others);
  return names;
}

Result<FieldMask> fields_query(const Request& request, const std::vector<std::string_view>& names) {
  FieldMask wanted;
  const std::string* text = request.query_value("fields");
  if (!text) {
    for (size_t i = 0; i < names.size(); ++i) wanted.set(i, !names[i].empty());
    return wanted;
  }
  for (std::string_view rest = *text;;) {
    const size_t comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    const auto found = name.empty() ? names.end() : std::find(names.begin(), names.end(), name);
    if (found == names.end()) return bad_query("fields", "\"" + std::string(name) + "\" is not a field of this list");
    wanted.set(static_cast<size_t>(found - names.begin()));
    if (comma == std::string_view::npos) return wanted;
    rest.remove_prefix(comma + 1);
  }
}

Response list_response(const Request& request, std::string_view items, const PageEnd& end) {
  Response response;
  JsonWriter out(response.body);
  out.begin_object().key("items").raw(items).key("next");
  if (end.next == 0) {
    out.null();
  } else {
    const std::string cursor = encode_cursor(request, end);
    out.value(cursor);
    response.add("Link", "<" + next_target(request, cursor) + ">; rel=\"next\"");
  }
  if (end.total) out.member("total", *end.total);
  out.end_object();
  return response;
}

void write_list_schema(JsonWriter& out, const Schema& row) {
  std::string text;
  JsonWriter whole(text);
  row.write(whole);
  Json item = *parse_json(text);  // our own text
  std::erase_if(*item.object(), [](const auto& member) { return member.first == "required"; });
  out.begin_object().member("type", "object").member("additionalProperties", false).key("properties").begin_object();
  out.key("items").begin_object().member("type", "array").key("items").value(item).end_object();
  out.key("next").raw(R"({"type":["string","null"],"description":"cursor of the next page; null at the end"})");
  out.key("total").raw(R"({"type":"integer","description":"how many there are in all, if ?total=true asked for it"})");
  out.end_object().key("required").raw(R"(["items","next"])").end_object();
}

}  // namespace till::http
