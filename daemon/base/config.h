// Settings: one table describes every key, and from it come the checks, the environment's names, the flags and the
// documented default file. Flags beat environment, environment beats file, file beats default.
// Used by the composition roots at start, on the main thread; afterwards a Config is read by any thread.
// It refuses unknown keys, wrong types and values out of range with one line that names source, key and reason: a
// misspelt key must not be a setting that silently does nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace till {

using SettingValue = std::variant<std::string, int64_t, bool, std::vector<std::string>>;

/// One row of the table. The type of `standard` (text, integer, flag, list of texts) is the type of the setting.
struct Setting {
  std::string_view name;  // "section.key", lower case; rows of a section stand together
  SettingValue standard;
  std::string_view help;  // one sentence; becomes the comment in the default file
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
  std::vector<std::string_view> allowed{};  // texts; empty allows any
  bool secret = false;                      // never shown
};
using Settings = std::vector<Setting>;
/// The rows of several tables as one.
Settings joined(std::initializer_list<Settings> tables);

struct ConfigSources {
  std::string file{};                                        // path; empty: no file
  std::string environment_prefix{};                          // "TILLD_": http.listen is TILLD_HTTP_LISTEN
  const char* const* environment = nullptr;                  // as environ(7): "NAME=value", ended by null
  std::vector<std::pair<std::string, std::string>> flags{};  // name of the setting and its text
};

class Config {
 public:
  /// The settings in force. A text of environment or flags is read by the setting's type: a whole number, true or
  /// false, a list with commas. Errors: invalid, as one line "source: key: reason"; not_found if the file is missing.
  static Result<Config> load(const Settings& settings, const ConfigSources& sources);

  // Asking for a key that is not in the table, or by another type, is a programmer's error.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] int64_t integer(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const;

  /// False: nobody asked for this value, it is the default.
  [[nodiscard]] bool given(std::string_view name) const { return !at(name).source.empty(); }
  /// What the table cannot say about a value: "source: key: reason", as load() refuses what it can check itself.
  [[nodiscard]] Error refuse(std::string_view name, std::string_view reason) const;

  /// {"http.listen": "…", …} without the secrets.
  void write(JsonWriter& out) const;

 private:
  struct Entry {
    Setting setting;
    SettingValue value;
    std::string source{};  // the file's path, "environment" or "command line"; empty: the default
  };
  explicit Config(const Settings& settings);

  Status read_file(const std::string& path);
  Status read_object(const std::string& path, std::string_view prefix, const Json& object);
  Status read_environment(const ConfigSources& sources);
  Status set(std::string_view source, std::string_view shown_key, Entry& entry, Result<SettingValue> value);
  Entry* find(std::string_view name);
  [[nodiscard]] const Entry& at(std::string_view name) const;
  template <class T>
  const T& get(std::string_view name) const;

  std::vector<Entry> entries_;
};

/// The documented default file: every setting with its default, below a comment with its help, its bounds and its
/// environment variable. `head` is put before it as a comment, line by line.
std::string render_default_config(const Settings& settings, std::string_view environment_prefix, std::string_view head);

}  // namespace till
