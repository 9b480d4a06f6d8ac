// Log lines: one JSON object a line, {"ts","level","msg", fields …}, to stderr, where systemd's journal takes it.
// Called by every layer on every thread. Lines are collected and written together: below `warning` a line costs no
// system call; the daemon's tick calls flush() about once a second, warnings and errors are written at once.
// It refuses to be flooded: of one message only the first kStormLines in a second are written, the rest is counted
// and reported when the second is over. It refuses to be waited for: where nobody takes the lines (a full pipe, a
// stopped journal) kMostWaiting bytes of them are kept, later ones are lost and counted.
// The only place that includes spdlog is log.cpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "base/clock.h"
#include "base/id.h"

namespace till::log {

enum class Level : uint8_t { debug, info, warning, error };

/// The level of that name ("debug", "info", "warning", "error").
std::optional<Level> parse_level(std::string_view name);

/// A key and a value that need to live only until the call returns. Text longer than kMaxFieldBytes is cut; bytes that
/// are no UTF-8 become U+FFFD, control characters are escaped: nothing from outside can begin a line of its own.
struct Field {
  Field(std::string_view k, std::string_view text) : key(k), value(text) {}
  Field(std::string_view k, const char* text) : key(k), value(std::string_view(text)) {}
  Field(std::string_view k, const std::string& text) : key(k), value(std::string_view(text)) {}
  Field(std::string_view k, bool truth) : key(k), value(truth) {}
  Field(std::string_view k, double number) : key(k), value(number) {}
  Field(std::string_view k, const Uuid& id) : key(k), value(id) {}
  Field(std::string_view k, std::integral auto number) : key(k), value(static_cast<int64_t>(number)) {}

  std::string_view key;
  std::variant<std::string_view, bool, double, Uuid, int64_t> value;
};
using Fields = std::initializer_list<Field>;

inline constexpr size_t kMaxFieldBytes = 2048;
/// Lines of one message in one second: a thousand requests a second are no shop any more, and a warning costs a write.
inline constexpr int kStormLines = 1000;
inline constexpr int kStormWarnings = 20;
inline constexpr size_t kMostWaiting = size_t{256} << 10;

/// What the functions below write to; a class of its own so that a test can give it a clock and a file.
class Logger {
 public:
  Logger(Clock& clock, int fd);
  ~Logger();

  /// `message` is a fixed text: what varies belongs in fields, or storms cannot be told apart.
  void write(Level level, std::string_view message, Fields fields);
  void set_level(Level level);
  /// Writes what has been collected, and the counts of storms that are over.
  void flush();
  /// Lines that could not be written so far.
  [[nodiscard]] uint64_t lost() const;

 private:
  struct Storm {
    int64_t began_us = 0;
    int lines = 0;
    int64_t suppressed = 0;
    Level level = Level::info;
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  class Output;

  bool admit(Level level, std::string_view message);
  void report(std::string_view message, Storm& storm);
  void report_lost();

  Clock& clock_;
  std::unique_ptr<Output> output_;
  std::mutex mutex_;  // of all below
  std::unordered_map<std::string, Storm, TextHash, std::equal_to<>> storms_;
  uint64_t told_lost_ = 0;
};

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warning(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});
void set_level(Level level);
void flush();
uint64_t lost();

}  // namespace till::log
