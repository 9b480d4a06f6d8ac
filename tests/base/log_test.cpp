// Log lines: valid JSON whatever is logged, few writes, and storms that are counted.
#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <rapidcheck.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <vector>

#include "base/json.h"
#include "support/fake_clock.h"

using namespace till;
using log::Level;

namespace {

/// A logger into memory, and what has been written so far.
struct Journal {
  test::FakeClock clock{Time{0}};
  int fd = memfd_create("journal", MFD_CLOEXEC);
  log::Logger logger{clock, fd};
  ~Journal() { close(fd); }

  std::vector<std::string> lines() {
    std::string text(static_cast<size_t>(lseek(fd, 0, SEEK_END)), '\0');
    REQUIRE(pread(fd, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    std::vector<std::string> out;
    for (size_t at = 0; at < text.size();) {
      size_t end = text.find('\n', at);
      REQUIRE(end != std::string::npos);
      out.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }
};

}  // namespace

TEST_CASE("a line is one JSON object with time, level, message and fields") {
  Journal journal;
  journal.logger.write(
      Level::warning, "sale",
      {{"order", Uuid{}}, {"ms", 3}, {"rows", size_t{7}}, {"ratio", 0.5}, {"ok", true}, {"by", "Ann"}});
  CHECK(journal.lines() ==
        std::vector<std::string>{R"({"ts":"1970-01-01T00:00:00.000Z","level":"warning","msg":"sale",)"
                                 R"("order":"00000000-0000-0000-0000-000000000000","ms":3,"rows":7,"ratio":0.5,)"
                                 R"("ok":true,"by":"Ann"})"});
}

TEST_CASE("quiet lines wait for flush, loud ones do not and keep the order") {
  Journal journal;
  journal.logger.write(Level::info, "one", {});
  CHECK(journal.lines().empty());
  journal.logger.flush();
  CHECK(journal.lines().size() == 1);
  journal.logger.write(Level::info, "two", {});
  journal.logger.write(Level::error, "three", {});
  REQUIRE(journal.lines().size() == 3);
  CHECK(journal.lines()[1].find("two") != std::string::npos);
}

TEST_CASE("the level decides what is written") {
  Journal journal;
  journal.logger.write(Level::debug, "hidden", {});
  journal.logger.set_level(Level::debug);
  journal.logger.write(Level::debug, "shown", {});
  journal.logger.set_level(Level::error);
  journal.logger.write(Level::warning, "hidden", {});
  journal.logger.flush();
  CHECK(journal.lines().size() == 1);
  CHECK(log::parse_level("warning") == Level::warning);
  CHECK_FALSE(log::parse_level("WARNING"));
  CHECK_FALSE(log::parse_level(""));
}

TEST_CASE("nothing from outside begins a line of its own or breaks the JSON") {
  CHECK(rc::check([](const std::string& hostile) {
    Journal journal;
    journal.logger.write(Level::error, hostile, {{"path", hostile}, {"agent", "\r\n{\"level\":\"info\"}"}});
    auto lines = journal.lines();
    RC_ASSERT(lines.size() == 1u);
    RC_ASSERT(parse_json(lines[0]).ok() || hostile.find('\0') != std::string::npos);
  }));
}

TEST_CASE("bad bytes become U+FFFD, long text is cut, also in the middle of a letter") {
  Journal journal;
  journal.logger.write(Level::error, "x", {{"path", "a\xff\xc3z"}});
  CHECK(journal.lines()[0].find("\"path\":\"a\xef\xbf\xbd\xef\xbf\xbdz\"") != std::string::npos);
  std::string umlauts = "a";
  while (umlauts.size() < 100'000) umlauts += "\xc3\xa4";
  journal.logger.write(Level::error, "x", {{"path", umlauts}});
  CHECK(journal.lines()[1].size() < log::kMaxFieldBytes + 200);
  CHECK(parse_json(journal.lines()[1]).ok());
}

TEST_CASE("a storm is written up to its limit, then counted, then summed up") {
  Journal journal;
  for (int i = 0; i < 5000; ++i) {
    journal.logger.write(Level::warning, "disk slow", {{"n", i}});
    journal.logger.write(Level::info, "request", {{"n", i}});
  }
  journal.logger.write(Level::warning, "another", {});
  journal.logger.flush();
  CHECK(journal.lines().size() == log::kStormWarnings + log::kStormLines + 1);

  journal.clock.advance_ms(1000);
  journal.logger.flush();
  auto lines = journal.lines();
  REQUIRE(lines.size() == log::kStormWarnings + log::kStormLines + 3);
  std::string sums = lines[lines.size() - 2] + lines.back();
  CHECK(sums.find("\"msg\":\"disk slow\",\"suppressed\":4980") != std::string::npos);
  CHECK(sums.find("\"msg\":\"request\",\"suppressed\":4000") != std::string::npos);

  journal.logger.write(Level::warning, "disk slow", {});
  CHECK(journal.lines().back().find("suppressed") == std::string::npos);
  journal.clock.advance_ms(5000);
  journal.logger.flush();
  CHECK(journal.lines().size() == log::kStormWarnings + log::kStormLines + 4);  // nothing is reported twice
}

TEST_CASE("the next line of a message reports the storm before it") {
  Journal journal;
  for (int i = 0; i < 30; ++i) journal.logger.write(Level::error, "boom", {});
  journal.clock.advance_ms(2000);
  journal.logger.write(Level::error, "boom", {});
  auto lines = journal.lines();
  REQUIRE(lines.size() == 22);
  CHECK(lines[20].find("\"suppressed\":10") != std::string::npos);
}

TEST_CASE("messages made at run time do not grow the memory without end") {
  Journal journal;
  for (int i = 0; i < 10'000; ++i) journal.logger.write(Level::info, "message " + std::to_string(i), {});
  journal.logger.flush();
  CHECK(journal.lines().size() == 10'000);
}

namespace {

/// A pipe as a log, whose reader reads only when told to.
struct Pipe {
  int ends[2] = {-1, -1};
  test::FakeClock clock{};
  std::unique_ptr<log::Logger> logger;

  Pipe() {
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    logger = std::make_unique<log::Logger>(clock, ends[1]);
  }
  ~Pipe() {
    logger.reset();
    close(ends[1]);
    if (ends[0] >= 0) close(ends[0]);
  }
  std::string read_all() {
    std::string text;
    char piece[4096];
    for (pollfd ready{ends[0], POLLIN, 0}; poll(&ready, 1, 0) == 1;)
      text.append(piece, static_cast<size_t>(read(ends[0], piece, sizeof piece)));
    return text;
  }
  /// More than pipe and buffer hold.
  void storm() {
    const std::string text(1000, 'x');
    for (int i = 0; i < 1000; ++i) logger->write(Level::info, "m" + std::to_string(i), {{"text", text}});
    for (int i = 0; i < 10; ++i) logger->write(Level::error, "loud", {{"text", text}});
    logger->flush();
  }
};

}  // namespace

TEST_CASE("a reader that does not read is not waited for; what is lost is counted and told") {
  Pipe pipe;
  pipe.storm();
  const uint64_t lost = pipe.logger->lost();
  CHECK(lost > 100);
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += pipe.read_all();
    pipe.logger->flush();
  }
  std::istringstream lines(text);
  uint64_t came = 0;
  for (std::string line; std::getline(lines, line); ++came) REQUIRE(parse_json(line).ok());  // no line is cut
  CHECK(came == 1010 - lost + 1);
  CHECK(text.find(R"("msg":"log lines lost","lines":)" + std::to_string(lost)) != std::string::npos);
  CHECK(pipe.logger->lost() == lost);
}

TEST_CASE("a reader that has gone costs the lines, not the process") {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  close(std::exchange(pipe.ends[0], -1));
  pipe.storm();
  CHECK(pipe.logger->lost() >= 1010);
}

TEST_CASE("a disk of the log that is full costs the lines") {
  test::FakeClock clock;
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  log::Logger logger(clock, full);
  logger.write(Level::error, "lost", {});
  CHECK(logger.lost() == 1);
  close(full);
}

TEST_CASE("no log at all is not waited for either") {
  test::FakeClock clock;
  log::Logger logger(clock, -1);
  for (int i = 0; i < 2000; ++i) logger.write(Level::info, "lost " + std::to_string(i), {});
  logger.write(Level::error, "lost", {});
  logger.flush();
}
