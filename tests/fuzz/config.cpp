// The settings' file and environment, by the daemon's own table: whatever is refused is refused in one line, what is
// taken is within its bounds, and what write() shows loads again as the same.
//
//   input = lines of the environment, and --name=text for flags | an empty line | file
#include "base/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "cli/settings.h"
#include "fuzz/fuzz.h"

namespace till::fuzz {
namespace {

/// A file without a disk.
class Memory {
 public:
  explicit Memory(std::string_view text) : fd_(::memfd_create("config", MFD_CLOEXEC)) {
    TILL_ASSERT(fd_ >= 0 && ::write(fd_, text.data(), text.size()) == std::ssize(text));
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::close(fd_); }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

const Settings& table() {
  static const Settings all = cli::settings_table();
  return all;
}

std::string shown(const Config& config) {
  std::string text;
  JsonWriter out(text);
  config.write(out);
  return text;
}

void check_bounds(const Config& config) {
  for (const Setting& setting : table()) {
    if (std::holds_alternative<int64_t>(setting.standard)) {
      const int64_t value = config.integer(setting.name);
      TILL_ASSERT(value >= setting.least && value <= setting.most);
    } else if (std::holds_alternative<std::string>(setting.standard) && !setting.allowed.empty()) {
      const auto& words = setting.allowed;
      TILL_ASSERT(std::find(words.begin(), words.end(), config.text(setting.name)) != words.end());
    }
  }
}

/// The file that documents every setting loads as the defaults.
bool check_default_file() {
  const Memory file(render_default_config(table(), "TILLD_", "a head\nof two lines"));
  const auto config = Config::load(table(), {.file = file.path()});
  return config.ok() && shown(*config) == shown(*Config::load(table(), {}));
}

}  // namespace

void run(Input in) {
  static const bool documented = check_default_file();
  TILL_ASSERT(documented);
  std::vector<std::string> lines;
  std::vector<std::pair<std::string, std::string>> flags;
  for (std::string_view line = in.line(); !line.empty(); line = in.line()) {
    const size_t equals = line.find('=');
    const bool is_flag = line.starts_with("--") && equals != std::string_view::npos;
    if (is_flag) flags.emplace_back(line.substr(2, equals - 2), line.substr(equals + 1));
    if (!is_flag) lines.emplace_back(line);
  }
  std::vector<const char*> environment;
  for (const std::string& line : lines) environment.push_back(line.c_str());
  environment.push_back(nullptr);
  const Memory file(in.text());
  const auto config = Config::load(
      table(),
      {.file = file.path(), .environment_prefix = "TILLD_", .environment = environment.data(), .flags = flags});
  if (!config.ok()) {
    TILL_ASSERT(config.error().code == Code::invalid && is_utf8(config.error().message));
    return TILL_ASSERT(config.error().message.find('\n') == std::string::npos);
  }
  check_bounds(*config);
  const std::string text = shown(*config);
  const Memory again(text);
  const auto same = Config::load(table(), {.file = again.path()});
  TILL_ASSERT(same.ok() && shown(*same) == text);
}

}  // namespace till::fuzz
