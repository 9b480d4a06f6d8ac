#include "base/log.h"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>

#include "base/json.h"

namespace till::log {
namespace {

constexpr size_t kUsualLine = 384;  // bytes

constexpr size_t kBufferBytes = size_t{64} << 10;
constexpr size_t kPiece = PIPE_BUF;
constexpr size_t kMaxMessages = 1024;  // different ones counted at a time
constexpr int64_t kSecondUs = 1'000'000;

std::string_view name_of(Level level) {
  constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
  return kNames[static_cast<size_t>(level)];
}

spdlog::level::level_enum spdlog_level(Level level) {
  constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                   spdlog::level::err};
  return kLevels[static_cast<size_t>(level)];
}

/// spdlog's own stderr sink flushes each line and waits for its reader; this one writes when it is full or told to, and
/// never waits.
class BufferedSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit BufferedSink(int fd) : fd_(fd) {}

  [[nodiscard]] uint64_t lost() const { return lost_; }
  [[nodiscard]] bool is_taken() {
    std::lock_guard lock(mutex_);
    return buffer_.empty();
  }

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    if (buffer_.size() + line.payload.size() >= kMostWaiting) {
      ++lost_;
      return;
    }
    buffer_.append(line.payload.data(), line.payload.size());
    buffer_ += '\n';
    if (buffer_.size() >= kBufferBytes) flush_();
  }

  void flush_() override {
    size_t written = 0;
    while (written < buffer_.size() && takes_more()) {
      const ssize_t wrote = ::write(fd_, buffer_.data() + written, std::min(kPiece, buffer_.size() - written));
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) {  // a log that cannot be written has nowhere to complain
        lost_ += static_cast<uint64_t>(std::count(buffer_.begin() + std::ptrdiff_t(written), buffer_.end(), '\n'));
        written = buffer_.size();
        break;
      }
      written += static_cast<size_t>(wrote);
    }
    buffer_.erase(0, written);
  }

  // A pipe that is ready takes a piece of PIPE_BUF without waiting (pipe(7)), a socket too; a file always does. Not
  // O_NONBLOCK: others may have the same description open. Errors are ready too: write() then says which.
  [[nodiscard]] bool takes_more() const {
    pollfd ready{fd_, POLLOUT, 0};
    return ::poll(&ready, 1, 0) == 1;
  }

  const int fd_;
  std::string buffer_;
  std::atomic<uint64_t> lost_{0};
};

void write_value(JsonWriter& json, std::string_view text) {
  text = text.substr(0, kMaxFieldBytes);
  if (is_utf8(text)) {
    json.value(text);
    return;
  }
  std::string clean;
  for (size_t good = utf8_prefix(text);; good = utf8_prefix(text)) {
    clean.append(text, 0, good);
    if (good == text.size()) break;
    clean += "\xef\xbf\xbd";
    text.remove_prefix(good + 1);
  }
  json.value(clean);
}

template <class Value>
void write_value(JsonWriter& json, const Value& value) {
  json.value(value);
}

Logger& standard() {
  static SystemClock clock;
  static Logger logger(clock, STDERR_FILENO);
  return logger;
}

}  // namespace

class Logger::Output {
 public:
  explicit Output(int fd) : sink_(std::make_shared<BufferedSink>(fd)), logger_("tilld", sink_) {
    logger_.flush_on(spdlog::level::warn);
  }
  [[nodiscard]] uint64_t lost() const { return sink_->lost(); }
  [[nodiscard]] bool is_taken() const { return sink_->is_taken(); }
  spdlog::logger& operator*() { return logger_; }
  spdlog::logger* operator->() { return &logger_; }

  void line(Time now, Level level, std::string_view message, Fields fields) {
    std::string text;  // not the thread's own: the last lines are written when threads' own objects are gone
    text.reserve(kUsualLine);
    JsonWriter json(text);
    json.begin_object().member("ts", now).member("level", name_of(level)).key("msg");
    write_value(json, message);
    for (const Field& field : fields) {
      json.key(field.key);
      std::visit([&json](const auto& value) { write_value(json, value); }, field.value);
    }
    json.end_object();
    logger_.log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
  }

 private:
  const std::shared_ptr<BufferedSink> sink_;
  spdlog::logger logger_;
};

std::optional<Level> parse_level(std::string_view name) {
  for (Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (name_of(level) == name) return level;
  }
  return std::nullopt;
}

Logger::Logger(Clock& clock, int fd) : clock_(clock), output_(std::make_unique<Output>(fd)) {}

Logger::~Logger() { flush(); }

void Logger::write(Level level, std::string_view message, Fields fields) {
  if ((*output_)->should_log(spdlog_level(level)) && admit(level, message)) {
    output_->line(clock_.now(), level, message, fields);
  }
}

bool Logger::admit(Level level, std::string_view message) {
  std::lock_guard lock(mutex_);
  int64_t now_us = clock_.monotonic_us();
  auto found = storms_.find(message);
  if (found == storms_.end()) {
    if (storms_.size() >= kMaxMessages) storms_.clear();
    found = storms_.emplace(message, Storm{.began_us = now_us}).first;
  }
  Storm& storm = found->second;
  if (now_us - storm.began_us >= kSecondUs) {
    report(message, storm);
    storm = {.began_us = now_us};
  }
  storm.level = level;
  if (++storm.lines <= (level >= Level::warning ? kStormWarnings : kStormLines)) return true;
  ++storm.suppressed;
  return false;
}

void Logger::report(std::string_view message, Storm& storm) {
  if (storm.suppressed == 0) return;
  output_->line(clock_.now(), storm.level, message, {{"suppressed", storm.suppressed}});
  storm.suppressed = 0;
}

void Logger::set_level(Level level) { (*output_)->set_level(spdlog_level(level)); }

void Logger::flush() {
  std::lock_guard lock(mutex_);
  int64_t now_us = clock_.monotonic_us();
  for (auto& [message, storm] : storms_) {
    if (now_us - storm.began_us >= kSecondUs) report(message, storm);
  }
  (*output_)->flush();
  report_lost();
}

// Once there is a reader again, who then knows that lines are missing above this one.
void Logger::report_lost() {
  const uint64_t lost = output_->lost();
  if (lost == told_lost_ || !output_->is_taken()) return;
  output_->line(clock_.now(), Level::warning, "log lines lost", {{"lines", lost - told_lost_}});
  told_lost_ = lost;
}

uint64_t Logger::lost() const { return output_->lost(); }

void debug(std::string_view message, Fields fields) { standard().write(Level::debug, message, fields); }
void info(std::string_view message, Fields fields) { standard().write(Level::info, message, fields); }
void warning(std::string_view message, Fields fields) { standard().write(Level::warning, message, fields); }
void error(std::string_view message, Fields fields) { standard().write(Level::error, message, fields); }
void set_level(Level level) { standard().set_level(level); }
void flush() { standard().flush(); }
uint64_t lost() { return standard().lost(); }

}  // namespace till::log
