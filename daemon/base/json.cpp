#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace till {
namespace {

/// Walks over the text for nlohmann's lexer and leaves behind how far it came: its SAX events carry no position.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  TrackedIterator operator++(int) {
    TrackedIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const TrackedIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

/// Receives nlohmann's SAX events and builds a Json; `false` stops the parser. A container that is open is the last
/// element of its parent, which does not grow meanwhile, so `open_` may hold pointers.
class Builder {
 public:
  bool null() { return place(nullptr) != nullptr; }
  bool boolean(bool truth) { return place(truth) != nullptr; }
  bool number_integer(int64_t number) { return place(number) != nullptr; }
  bool number_unsigned(uint64_t number) {
    if (number > static_cast<uint64_t>(INT64_MAX)) return place(static_cast<double>(number)) != nullptr;
    return place(static_cast<int64_t>(number)) != nullptr;
  }
  bool number_float(double number, const std::string&) { return place(number) != nullptr; }
  bool string(std::string& text) { return clean(text) && place(std::move(text)) != nullptr; }
  bool binary(nlohmann::json::binary_t&) { return false; }  // part of the interface; JSON text has no such thing

  bool start_object(size_t) { return open(Json::Object{}); }
  bool key(std::string& name) {
    if (!clean(name)) return false;
    open_.back()->object()->emplace_back(std::move(name), Json());
    return true;
  }
  bool end_object() {
    keys_.clear();
    for (const auto& member : *open_.back()->object()) keys_.push_back(member.first);
    std::sort(keys_.begin(), keys_.end());  // by sorting, for a hostile body may have 100,000 keys
    if (std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end()) return refuse("a key appears twice");
    open_.pop_back();
    return true;
  }
  bool start_array(size_t) { return open(Json::Array{}); }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception& error) {
    constexpr int kNumberOverflow = 406;  // nlohmann's id of "number overflow parsing"
    return refuse(error.id == kNumberOverflow ? "a number is too large" : "not valid JSON");
  }

  [[nodiscard]] const char* refusal() const { return refusal_; }
  Json take() { return std::move(root_); }

 private:
  bool refuse(const char* why) {
    refusal_ = why;
    return false;
  }

  bool clean(const std::string& text) {
    return text.find('\0') == std::string::npos || refuse("a string contains NUL");
  }

  Json* place(Json::Value value) {
    if (++count_ > kMaxJsonValues) {
      refuse("too many values");
      return nullptr;
    }
    if (open_.empty()) return &(root_ = Json(std::move(value)));
    if (auto* array = open_.back()->array()) return &array->emplace_back(std::move(value));
    return &(open_.back()->object()->back().second = Json(std::move(value)));
  }

  bool open(Json::Value container) {
    if (open_.size() == kMaxJsonDepth) return refuse("nested too deep");
    Json* placed = place(std::move(container));
    if (placed == nullptr) return false;
    open_.push_back(placed);
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  std::vector<std::string_view> keys_;  // scratch of end_object()
  size_t count_ = 0;
  const char* refusal_ = "not valid JSON";
};

Error refusal_at(std::string_view text, size_t offset, std::string_view why) {
  auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  return {.code = Code::invalid,
          .message = std::string(why) + " at byte " + std::to_string(offset) + ", line " + std::to_string(line),
          .reason = "invalid_json"};
}

constexpr bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHexDigits[static_cast<unsigned char>(c) >> 4];
      out += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  out.append(digits, end);
}

}  // namespace

const Json* Json::find(std::string_view key) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  for (const auto& [name, value] : *members) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string_view Json::type_name() const {
  constexpr std::string_view kNames[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
  return kNames[value_.index()];
}

Result<Json> parse_json(std::string_view text, bool comments) {
  if (size_t good = utf8_prefix(text); good != text.size()) {  // first, for the lexer takes NUL for the end of the text
    return refusal_at(text, good, "not valid UTF-8");
  }
  const char* reached = text.data();
  TrackedIterator begin(text.data(), &reached);
  TrackedIterator end(text.data() + text.size(), &reached);
  Builder builder;
  if (!nlohmann::json::sax_parse(begin, end, &builder, nlohmann::json::input_format_t::json, true, comments)) {
    return refusal_at(text, static_cast<size_t>(reached - text.data()), builder.refusal());
  }
  return builder.take();
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  size_t from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, from, i - from);
    append_escape(out, text[i]);
    from = i + 1;
  }
  out.append(text, from);
  out += '"';
}

JsonWriter& JsonWriter::open(char bracket) {
  comma();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

void JsonWriter::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  comma();
  append_json_string(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  comma();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(int64_t number) {
  comma();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(uint64_t number) {
  comma();
  append_number(out_, number);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  comma();
  append_number(out_, number + 0.0);  // zero has no sign: "-0" would read back as the whole number 0
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) { return raw(truth ? "true" : "false"); }

JsonWriter& JsonWriter::value(Time time) {
  comma();
  out_ += '"';
  append_rfc3339(out_, time);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(const Uuid& id) {
  comma();
  out_ += '"';
  append_uuid(out_, id);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(const Json& json) {
  if (auto* object = json.object()) {
    begin_object();
    for (const auto& [name, member] : *object) key(name).value(member);
    return end_object();
  }
  if (auto* array = json.array()) {
    begin_array();
    for (const auto& element : *array) value(element);
    return end_array();
  }
  if (auto* text = json.string()) return value(*text);
  if (auto* number = json.integer()) return value(*number);
  if (auto* number = json.real()) return value(*number);
  if (auto* truth = json.boolean()) return value(*truth);
  return null();
}

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

}  // namespace till
