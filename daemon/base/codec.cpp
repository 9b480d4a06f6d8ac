#include "base/codec.h"

#include <algorithm>

namespace till {
namespace {

bool wrong_type(const Json& json, const char* wanted, const std::string& pointer, Faults& faults) {
  faults.add(pointer, "type", std::string("must be ") + wanted + ", not " + std::string(json.type_name()));
  return false;
}

int64_t characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t' && c != '\r') || byte == 0x7F;
  });
}

bool printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

void simple_schema(JsonWriter& out, const char* type, const char* format = nullptr) {
  out.begin_object().member("type", type);
  if (format) out.member("format", format);
  out.end_object();
}

}  // namespace

Error Faults::error() && {
  Error error{.code = Code::invalid, .message = {}};
  error.message = found_.size() == 1 ? found_[0].pointer + " " + found_[0].detail
                                     : std::to_string(found_.size()) + " fields are wrong";
  error.reason = "invalid_body";
  error.fields = std::move(found_);
  return error;
}

bool Codec<bool>::read(const Json& json, bool& value, const Bounds&, const std::string& pointer, Faults& faults) {
  if (!json.boolean()) return wrong_type(json, "true or false", pointer, faults);
  value = *json.boolean();
  return true;
}
void Codec<bool>::schema(JsonWriter& out, const Bounds&) { simple_schema(out, "boolean"); }

bool Codec<int64_t>::read(const Json& json, int64_t& value, const Bounds& bounds, const std::string& pointer,
                          Faults& faults) {
  if (!json.integer()) return wrong_type(json, "a whole number", pointer, faults);
  value = *json.integer();
  if (value >= bounds.min && value <= bounds.max) return true;
  faults.add(pointer, "range", "must be between " + std::to_string(bounds.min) + " and " + std::to_string(bounds.max));
  return false;
}
void Codec<int64_t>::schema(JsonWriter& out, const Bounds& bounds) {
  out.begin_object().member("type", "integer").member("format", "int64");
  if (bounds.min != Bounds{}.min) out.member("minimum", bounds.min);
  if (bounds.max != Bounds{}.max) out.member("maximum", bounds.max);
  out.end_object();
}

bool Codec<std::string>::read(const Json& json, std::string& value, const Bounds& bounds, const std::string& pointer,
                              Faults& faults) {
  if (!json.string()) return wrong_type(json, "text", pointer, faults);
  value = *json.string();
  const int64_t length = characters(value);
  if (length < bounds.min) {
    faults.add(pointer, "too_short",
               bounds.min == 1 ? "must not be empty" : "is shorter than " + std::to_string(bounds.min));
  } else if (length > bounds.max) {
    faults.add(pointer, "too_long", "is longer than " + std::to_string(bounds.max) + " characters");
  } else if (bounds.opaque ? !printable_ascii(value) : has_control(value)) {
    faults.add(pointer, "characters", bounds.opaque ? "must be printable ASCII" : "holds control characters");
  } else if (!bounds.opaque && has_card_number(value)) {
    faults.add(pointer, "card_number", "looks like a card number, which must never be stored here");
  } else {
    return true;
  }
  return false;
}
void Codec<std::string>::schema(JsonWriter& out, const Bounds& bounds) {
  out.begin_object().member("type", "string");
  if (bounds.min > 0) out.member("minLength", bounds.min);
  if (bounds.max != Bounds{}.max) out.member("maxLength", bounds.max);
  out.end_object();
}

bool Codec<Uuid>::read(const Json& json, Uuid& value, const Bounds&, const std::string& pointer, Faults& faults) {
  if (!json.string()) return wrong_type(json, "an id", pointer, faults);
  const auto id = parse_uuid(*json.string());
  if (!id) return faults.add(pointer, "id", "is not a UUID"), false;
  value = *id;
  return true;
}
void Codec<Uuid>::schema(JsonWriter& out, const Bounds&) { simple_schema(out, "string", "uuid"); }

bool Codec<Time>::read(const Json& json, Time& value, const Bounds&, const std::string& pointer, Faults& faults) {
  if (!json.string()) return wrong_type(json, "a time", pointer, faults);
  const auto time = parse_rfc3339(*json.string());
  if (!time) return faults.add(pointer, "time", "is not an RFC 3339 time"), false;
  value = *time;
  return true;
}
void Codec<Time>::schema(JsonWriter& out, const Bounds&) { simple_schema(out, "string", "date-time"); }

void Codec<JsonText>::schema(JsonWriter& out, const Bounds&) { simple_schema(out, "object"); }

bool read_name(const Json& json, const std::string_view* names, size_t count, size_t& index, const std::string& pointer,
               Faults& faults) {
  if (!json.string()) return wrong_type(json, "text", pointer, faults);
  std::string all;
  for (index = 0; index < count; ++index) {
    if (names[index] == *json.string()) return true;
    all += (index ? ", " : "") + std::string(names[index]);
  }
  faults.add(pointer, "value", "must be one of " + all);
  return false;
}
void name_schema(JsonWriter& out, const std::string_view* names, size_t count) {
  out.begin_object().member("type", "string").key("enum").begin_array();
  for (size_t i = 0; i < count; ++i) out.value(names[i]);
  out.end_array().end_object();
}

}  // namespace till
