#include "http/sample_body.h"

#include <algorithm>

namespace till::http {
namespace {

constexpr int64_t kOnePiece = 1000;   // a quantity
constexpr int64_t kSomeMoney = 1999;  // minor units

/// Past the wrappers that a description or a null needs: allOf of one, anyOf of a type and null.
const Json& bare(const Json& schema) {
  for (const char* wrapper : {"allOf", "anyOf"}) {
    const Json* inner = schema.find(wrapper);
    if (inner && inner->array() && !inner->array()->empty()) return bare(inner->array()->front());
  }
  return schema;
}

std::string_view text_of(const Json& schema, std::string_view key) {
  const Json* member = schema.find(key);
  return member && member->string() ? std::string_view(*member->string()) : std::string_view();
}

int64_t number_of(const Json& schema, std::string_view key, int64_t otherwise) {
  const Json* member = schema.find(key);
  return member && member->integer() ? *member->integer() : otherwise;
}

bool is_required(const Json& schema, std::string_view name) {
  const Json* required = schema.find("required");
  if (!required || !required->array()) return false;
  const Json::Array& names = *required->array();
  return std::any_of(names.begin(), names.end(),
                     [&](const Json& each) { return each.string() && *each.string() == name; });
}

std::string text_sample(const Json& schema, std::string_view name) {
  const std::string_view format = text_of(schema, "format");
  if (format == "uuid") return "{{" + std::string(name) + "}}";
  if (format == "date") return "2026-01-31";
  if (format == "date-time") return "2026-01-31T12:00:00.000Z";
  if (name.find("email") != name.npos) return "{{$guid}}@example.com";
  std::string text = "Example " + std::string(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  text.resize(std::min(text.size(), static_cast<size_t>(number_of(schema, "maxLength", 200))));
  text.resize(std::max(text.size(), static_cast<size_t>(number_of(schema, "minLength", 0))), 'x');
  return text;
}

int64_t number_sample(const Json& schema, std::string_view name) {
  const int64_t wanted = name.find("quantity") != name.npos ? kOnePiece : kSomeMoney;
  return std::clamp(wanted, number_of(schema, "minimum", 0), number_of(schema, "maximum", wanted));
}

void write(JsonWriter& json, const Json& wrapped, std::string_view name);

void write_members(JsonWriter& json, const Json& schema) {
  json.begin_object();
  const Json* properties = schema.find("properties");
  bool empty = true;
  for (const auto& [name, property] : properties && properties->object() ? *properties->object() : Json::Object{}) {
    if (!is_required(schema, name) && (schema.find("required") || !empty)) continue;
    empty = false;
    json.key(name);
    write(json, property, name);
  }
  json.end_object();
}

void write(JsonWriter& json, const Json& wrapped, std::string_view name) {
  const Json& schema = bare(wrapped);
  const std::string_view type = text_of(schema, "type");
  if (const Json* choices = schema.find("enum")) {
    json.value(choices->array()->front());
  } else if (type == "object") {
    write_members(json, schema);
  } else if (type == "array") {
    json.begin_array();
    if (const Json* items = schema.find("items"))
      write(json, *items, name.ends_with('s') ? name.substr(0, name.size() - 1) : name);
    json.end_array();
  } else if (type == "integer") {
    json.value(number_sample(schema, name));
  } else if (type == "boolean") {
    json.value(true);
  } else {
    json.value(text_sample(schema, name));
  }
}

}  // namespace

std::string sample_body(const Schema& schema) {
  std::string text, body;
  JsonWriter schema_writer(text);
  schema.write(schema_writer);
  const auto parsed = parse_json(text);
  TILL_ASSERT(parsed.ok());
  JsonWriter json(body);
  write(json, *parsed, schema.name);
  return body;
}

}  // namespace till::http
