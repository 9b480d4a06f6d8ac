// Errors are values (D15): every call that can fail returns Result<T> or Status, and nothing of ours throws.
// Used by every layer on every thread. `message` may be read out by a cashier; causes belong in the log.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace till {

/// What kind of failure it is. One switch maps these to HTTP (http/problem.cpp), one function SQLite's to these.
enum class Code : uint8_t {
  invalid,       // the input is wrong and stays wrong
  unauthorized,  // who are you
  forbidden,     // you may not
  not_found,     // no such thing
  conflict,      // the thing is in a state that does not allow it
  declined,      // whoever has the money says no
  stale,         // somebody changed it since you looked (version)
  required,      // a precondition (If-Match) is missing
  mismatch,      // an idempotency key came back with another body
  too_many,      // rate limit
  too_large,     // more than the route takes
  busy,          // try again soon
  device,        // a till device failed
  offline,       // the other end of a line is away
  full,          // no space left on the disk
  internal,      // a bug, or a machine that fails
};

/// "invalid", "stale", …: the stable word for a code.
std::string_view to_string(Code code);

/// One wrong field: a JSON pointer ("/lines/0/quantity"), a stable word and a sentence.
struct FieldError {
  std::string pointer;
  std::string code;
  std::string detail;
};

struct Error {
  Code code = Code::internal;
  std::string message;               // one sentence without a full stop, fit for a cashier
  std::string reason{};              // stable word for programs ("unknown_barcode"); empty: that of the code
  std::vector<FieldError> fields{};  // all wrong fields at once
  std::string current{};             // stale: the row as it is now, as JSON
  int64_t current_version = 0;       // stale: its version
  int retry_after_s = 0;             // too_many, busy: when to try again
};

/// An Error about one field of the input.
Error invalid_field(std::string pointer, std::string code, std::string detail);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : value_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design
  /// What a T is made from: a handler returns its Response where a Result<Outcome> is due. Classes only, so that a
  /// number is still narrowed where the compiler sees it.
  template <class U>
  requires(std::is_class_v<T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           std::is_convertible_v<U, T>) Result(U&& value)
      : value_(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool ok() const { return value_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & { return *std::get_if<0>(&value_); }
  const T& value() const& { return *std::get_if<0>(&value_); }
  T&& value() && { return std::move(*std::get_if<0>(&value_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return std::get_if<0>(&value_); }
  const T* operator->() const { return std::get_if<0>(&value_); }
  Error& error() & { return *std::get_if<1>(&value_); }
  const Error& error() const& { return *std::get_if<1>(&value_); }
  Error&& error() && { return std::move(*std::get_if<1>(&value_)); }

 private:
  std::variant<T, Error> value_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};
using Status = Result<void>;

[[noreturn]] void assert_failed(const char* what, const char* file, int line);

}  // namespace till

/// For programmer errors only, and it stays on in release. Bytes from network, disk or device give an Error instead.
#define TILL_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::till::assert_failed(#condition, __FILE__, __LINE__))

#define TILL_CONCAT_(a, b) a##b
#define TILL_CONCAT(a, b) TILL_CONCAT_(a, b)

/// TILL_TRY(auto row, find(id)): row is the value, or the caller returns the error.
#define TILL_TRY(declaration, expression) TILL_TRY_(declaration, expression, TILL_CONCAT(till_try_, __COUNTER__))
#define TILL_TRY_(declaration, expression, name)  \
  auto name = (expression);                       \
  if (!name.ok()) return std::move(name).error(); \
  declaration = std::move(name).value()

/// TILL_CHECK(save(row)): goes on if it is fine, or the caller returns the error.
#define TILL_CHECK(expression) TILL_CHECK_(expression, TILL_CONCAT(till_check_, __COUNTER__))
#define TILL_CHECK_(expression, name)                                         \
  do {                                                                        \
    if (auto name = (expression); !name.ok()) return std::move(name).error(); \
  } while (false)
