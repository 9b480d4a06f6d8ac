#include "base/config.h"

#include <algorithm>
#include <charconv>

#include "base/file.h"

namespace till {
namespace {

constexpr size_t kMaxFileBytes = size_t{1} << 20;

Error wrong(std::string_view source, std::string_view key, std::string_view reason) {
  std::string line(source);
  if (!key.empty()) line.append(": ").append(key);
  return {.code = Code::invalid, .message = line.append(": ").append(reason), .reason = "invalid_config"};
}

/// A key of a stranger's making, fit for one line.
std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, is_utf8(text) ? text : "not UTF-8");
  return out;
}

std::string environment_name(std::string_view prefix, std::string_view setting) {
  std::string out(prefix);
  for (char c : setting) out += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

std::string_view type_of(const SettingValue& value) {
  constexpr std::string_view kNames[] = {"a text", "a whole number", "true or false", "a list of texts"};
  return kNames[value.index()];
}

Error wrong_type(const Setting& setting) {
  return {.code = Code::invalid, .message = "must be " + std::string(type_of(setting.standard))};
}

Result<SettingValue> from_json(const Setting& setting, const Json& json) {
  if (std::holds_alternative<std::string>(setting.standard) && json.string()) return SettingValue(*json.string());
  if (std::holds_alternative<int64_t>(setting.standard) && json.integer()) return SettingValue(*json.integer());
  if (std::holds_alternative<bool>(setting.standard) && json.boolean()) return SettingValue(*json.boolean());
  if (!std::holds_alternative<std::vector<std::string>>(setting.standard) || !json.array()) return wrong_type(setting);
  std::vector<std::string> list;
  for (const Json& element : *json.array()) {
    if (!element.string()) return wrong_type(setting);
    list.push_back(*element.string());
  }
  return SettingValue(std::move(list));
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    size_t comma = std::min(text.find(','), text.size());
    list.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return list;
}

Result<SettingValue> from_text(const Setting& setting, std::string_view text) {
  if (!is_utf8(text)) return Error{.code = Code::invalid, .message = "must be UTF-8"};  // it will be shown as JSON
  if (std::holds_alternative<std::string>(setting.standard)) return SettingValue(std::string(text));
  if (std::holds_alternative<std::vector<std::string>>(setting.standard)) return SettingValue(split(text));
  if (std::holds_alternative<bool>(setting.standard)) {
    if (text == "true" || text == "false") return SettingValue(text == "true");
    return wrong_type(setting);
  }
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return wrong_type(setting);
  return SettingValue(number);
}

bool bounded(const Setting& setting) { return setting.least != Setting{}.least || setting.most != Setting{}.most; }

std::string bounds(const Setting& setting) {
  if (std::holds_alternative<int64_t>(setting.standard) && bounded(setting)) {
    return std::to_string(setting.least) + " to " + std::to_string(setting.most);
  }
  std::string out;
  for (std::string_view word : setting.allowed) out.append(out.empty() ? "" : ", ").append(word);
  return out;
}

bool within_bounds(const Setting& setting, const SettingValue& value) {
  if (auto* number = std::get_if<int64_t>(&value)) return *number >= setting.least && *number <= setting.most;
  auto* text = std::get_if<std::string>(&value);
  return text == nullptr || setting.allowed.empty() ||
         std::find(setting.allowed.begin(), setting.allowed.end(), *text) != setting.allowed.end();
}

void write_value(JsonWriter& out, const SettingValue& value) {
  if (auto* list = std::get_if<std::vector<std::string>>(&value)) {
    out.begin_array();
    for (const std::string& text : *list) out.value(text);
    out.end_array();
  } else if (auto* text = std::get_if<std::string>(&value)) {
    out.value(*text);
  } else if (auto* number = std::get_if<int64_t>(&value)) {
    out.value(*number);
  } else {
    out.value(std::get<bool>(value));
  }
}

}  // namespace

Config::Config(const Settings& settings) {
  for (const Setting& setting : settings) entries_.push_back({setting, setting.standard});
}

Settings joined(std::initializer_list<Settings> tables) {
  Settings all;
  for (const Settings& table : tables) all.insert(all.end(), table.begin(), table.end());
  return all;
}

Result<Config> Config::load(const Settings& settings, const ConfigSources& sources) {
  Config config(settings);
  if (!sources.file.empty()) TILL_CHECK(config.read_file(sources.file));
  TILL_CHECK(config.read_environment(sources));
  for (const auto& [name, text] : sources.flags) {
    Entry* entry = config.find(name);
    if (entry == nullptr) return wrong("command line", quoted(name), "unknown key");
    TILL_CHECK(config.set("command line", name, *entry, from_text(entry->setting, text)));
  }
  return config;
}

Status Config::read_file(const std::string& path) {
  TILL_TRY(std::string text, till::read_file(path, kMaxFileBytes));
  auto json = parse_json(text, true);
  if (!json.ok()) return wrong(path, "", json.error().message);
  if (json->object() == nullptr) return wrong(path, "", "must be one JSON object");
  return read_object(path, "", *json);
}

Status Config::read_object(const std::string& path, std::string_view prefix, const Json& object) {
  for (const auto& [key, value] : *object.object()) {
    std::string name = prefix.empty() ? key : std::string(prefix) + '.' + key;
    if (Entry* entry = find(name)) {
      TILL_CHECK(set(path, name, *entry, from_json(entry->setting, value)));
      continue;
    }
    bool section = std::any_of(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.setting.name.starts_with(name + '.'); });
    if (!section) return wrong(path, quoted(name), "unknown key");
    if (value.object() == nullptr) return wrong(path, name, "must be an object");
    TILL_CHECK(read_object(path, name, value));
  }
  return {};
}

Status Config::read_environment(const ConfigSources& sources) {
  if (sources.environment == nullptr) return {};
  for (const char* const* at = sources.environment; *at != nullptr; ++at) {
    std::string_view line = *at;
    size_t equals = line.find('=');
    if (!line.starts_with(sources.environment_prefix) || equals == std::string_view::npos) continue;
    std::string_view name = line.substr(0, equals);
    auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return environment_name(sources.environment_prefix, e.setting.name) == name;
    });
    if (entry == entries_.end()) return wrong("environment", quoted(name), "unknown key");
    TILL_CHECK(set("environment", name, *entry, from_text(entry->setting, line.substr(equals + 1))));
  }
  return {};
}

Status Config::set(std::string_view source, std::string_view shown_key, Entry& entry, Result<SettingValue> value) {
  if (!value.ok()) return wrong(source, shown_key, value.error().message);
  if (!within_bounds(entry.setting, *value)) {
    std::string reason = entry.setting.allowed.empty() ? "must be " : "must be one of ";
    return wrong(source, shown_key, reason + bounds(entry.setting));
  }
  entry.value = std::move(*value);
  entry.source = source;
  return {};
}

Config::Entry* Config::find(std::string_view name) {
  auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.setting.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

const Config::Entry& Config::at(std::string_view name) const {
  auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.setting.name == name; });
  TILL_ASSERT(found != entries_.end());
  return *found;
}

template <class T>
const T& Config::get(std::string_view name) const {
  const SettingValue& value = at(name).value;
  TILL_ASSERT(std::holds_alternative<T>(value));
  return *std::get_if<T>(&value);
}

Error Config::refuse(std::string_view name, std::string_view reason) const {
  const std::string& source = at(name).source;
  return wrong(source.empty() ? "default" : source, name, reason);
}

const std::string& Config::text(std::string_view name) const { return get<std::string>(name); }
int64_t Config::integer(std::string_view name) const { return get<int64_t>(name); }
bool Config::flag(std::string_view name) const { return get<bool>(name); }
const std::vector<std::string>& Config::list(std::string_view name) const {
  return get<std::vector<std::string>>(name);
}

void Config::write(JsonWriter& out) const {
  out.begin_object();
  for (const Entry& entry : entries_) {
    if (entry.setting.secret) continue;
    out.key(entry.setting.name);
    write_value(out, entry.value);
  }
  out.end_object();
}

std::string render_default_config(const Settings& settings, std::string_view environment_prefix,
                                  std::string_view head) {
  std::string out;
  while (!head.empty()) {
    size_t end = std::min(head.find('\n'), head.size());
    out.append("// ").append(head.substr(0, end)).append("\n");
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  out += "{";
  std::string_view section;
  for (size_t i = 0; i < settings.size(); ++i) {
    const Setting& setting = settings[i];
    size_t dot = setting.name.find('.');
    if (i == 0 || setting.name.substr(0, dot) != section) {
      section = setting.name.substr(0, dot);
      out.append(i == 0 ? "\n  \"" : "\n  },\n\n  \"").append(section).append("\": {");
    }
    std::string limits = bounds(setting);
    out.append("\n    // ").append(setting.help);
    if (!limits.empty()) out.append(" (").append(limits).append(")");
    out.append("; ").append(environment_name(environment_prefix, setting.name));
    out.append("\n    \"").append(setting.name.substr(dot + 1)).append("\": ");
    JsonWriter json(out);
    write_value(json, setting.standard);
    bool last = i + 1 == settings.size() || !settings[i + 1].name.starts_with(std::string(section) + '.');
    if (!last) out += ',';
  }
  return out += settings.empty() ? "}\n" : "\n  }\n}\n";
}

}  // namespace till
