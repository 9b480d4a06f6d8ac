// How a value of a row's member type is bound to and read from a SQL column: the SQL half of base/codec.h.
// Times are integers (ms), booleans 0 and 1, enums their number (so their order never changes), ids 16-byte blobs,
// lists JSON text. An absent optional and a nil id are NULL.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"
#include "base/fields.h"

struct sqlite3_stmt;

namespace till::sqlite {

int bind_null(sqlite3_stmt* statement, int index);
int bind_integer(sqlite3_stmt* statement, int index, int64_t value);
int bind_text(sqlite3_stmt* statement, int index, std::string_view value);
int bind_blob(sqlite3_stmt* statement, int index, ByteView value);
bool is_null(sqlite3_stmt* statement, int index);
int64_t read_integer(sqlite3_stmt* statement, int index);
std::string_view read_text(sqlite3_stmt* statement, int index);
ByteView read_blob(sqlite3_stmt* statement, int index);

template <class T>
struct Column;

template <class T>
requires std::is_integral_v<T>
struct Column<T> {
  static int bind(sqlite3_stmt* s, int i, T value) { return bind_integer(s, i, static_cast<int64_t>(value)); }
  static void read(sqlite3_stmt* s, int i, T& value) { value = static_cast<T>(read_integer(s, i)); }
};
template <class E>
requires std::is_enum_v<E>
struct Column<E> {
  static int bind(sqlite3_stmt* s, int i, E value) { return bind_integer(s, i, static_cast<int64_t>(value)); }
  static void read(sqlite3_stmt* s, int i, E& value) { value = static_cast<E>(read_integer(s, i)); }
};
template <>
struct Column<std::string> {
  static int bind(sqlite3_stmt* s, int i, const std::string& value) { return bind_text(s, i, value); }
  static void read(sqlite3_stmt* s, int i, std::string& value) { value = read_text(s, i); }
};
template <>
struct Column<std::string_view> {
  static int bind(sqlite3_stmt* s, int i, std::string_view value) { return bind_text(s, i, value); }
};
template <size_t N>
struct Column<char[N]> {
  static int bind(sqlite3_stmt* s, int i, const char* value) { return bind_text(s, i, value); }
};
template <>
struct Column<Time> {
  static int bind(sqlite3_stmt* s, int i, Time value) { return bind_integer(s, i, value.ms); }
  static void read(sqlite3_stmt* s, int i, Time& value) { value.ms = read_integer(s, i); }
};
template <>
struct Column<Uuid> {
  static int bind(sqlite3_stmt* s, int i, const Uuid& id) {
    return id.is_nil() ? bind_null(s, i) : bind_blob(s, i, id.view());
  }
  static void read(sqlite3_stmt* s, int i, Uuid& id);
};
template <>
struct Column<Bytes> {
  static int bind(sqlite3_stmt* s, int i, const Bytes& value) { return bind_blob(s, i, value); }
  static void read(sqlite3_stmt* s, int i, Bytes& value) {
    const ByteView blob = read_blob(s, i);
    value.assign(blob.begin(), blob.end());
  }
};
template <size_t N>
struct Column<std::array<uint8_t, N>> {
  static int bind(sqlite3_stmt* s, int i, const std::array<uint8_t, N>& value) { return bind_blob(s, i, value); }
  static void read(sqlite3_stmt* s, int i, std::array<uint8_t, N>& value) {
    const ByteView blob = read_blob(s, i);
    value = {};
    for (size_t k = 0; k < N && k < blob.size(); ++k) value[k] = blob[k];
  }
};
template <class T>
struct Column<std::optional<T>> {
  static int bind(sqlite3_stmt* s, int i, const std::optional<T>& value) {
    return value ? Column<T>::bind(s, i, *value) : bind_null(s, i);
  }
  static void read(sqlite3_stmt* s, int i, std::optional<T>& value) {
    value.reset();
    if (!is_null(s, i)) Column<T>::read(s, i, value.emplace());
  }
};
template <class T>
struct Column<std::vector<T>> {
  static int bind(sqlite3_stmt* s, int i, const std::vector<T>& values) {
    if (values.empty()) return bind_null(s, i);
    std::string text;
    JsonWriter out(text);
    Codec<std::vector<T>>::write(out, values);
    return bind_text(s, i, text);
  }
  static void read(sqlite3_stmt* s, int i, std::vector<T>& values) {
    values.clear();
    if (is_null(s, i)) return;
    Faults faults;  // our own text; a damaged one reads as the items that are whole
    if (auto json = parse_json(read_text(s, i))) Codec<std::vector<T>>::read(*json, values, Bounds{}, "", faults);
  }
};

/// "name, slug, sku": the stored columns of a row in field order.
template <Described Row>
std::string column_names() {
  std::string names;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (f.column) names += (names.empty() ? "" : ", ") + std::string(f.name);
  });
  return names;
}
/// "?, ?, ?": one mark per stored column.
template <Described Row>
std::string column_marks() {
  std::string marks;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (f.column) marks += marks.empty() ? "?" : ", ?";
  });
  return marks;
}
/// "name = ?, slug = ?".
template <Described Row>
std::string column_sets() {
  std::string sets;
  for_each_field<Row>([&](const auto& f, size_t) {
    if (f.column) sets += (sets.empty() ? "" : ", ") + std::string(f.name) + " = ?";
  });
  return sets;
}
/// Binds the stored columns from `index` on; leaves `index` after the last. Returns SQLite's code.
template <Described Row>
int bind_columns(sqlite3_stmt* statement, int& index, const Row& row) {
  int code = 0;
  for_each_field<Row>([&](const auto& f, size_t) {
    using T = typename std::decay_t<decltype(f)>::Type;
    if (f.column && code == 0) code = Column<T>::bind(statement, index++, row.*f.member);
  });
  return code;
}
/// Reads the stored columns from `index` on; leaves `index` after the last.
template <Described Row>
void read_columns(sqlite3_stmt* statement, int& index, Row& row) {
  for_each_field<Row>([&](const auto& f, size_t) {
    using T = typename std::decay_t<decltype(f)>::Type;
    if (f.column) Column<T>::read(statement, index++, row.*f.member);
  });
}

}  // namespace till::sqlite
