#include "crash/group.h"

#include <latch>

namespace till::crash {

namespace {

void promise(Story& story, const std::vector<Promise>& promised) {
  for (const Promise& one : promised) story.promise(one.what, one.version);
}

}  // namespace

std::vector<Status> together(sqlite::Writer& writer, const Teller& teller, std::vector<Work> works) {
  std::latch queued(1), answered(static_cast<std::ptrdiff_t>(works.size()));
  std::vector<Status> told(works.size(), Status(Error{.message = "never answered"}));
  const bool stalls = writer.submit(
      [&queued](sqlite::Connection&) -> Status {
        queued.wait();
        return {};
      },
      [](const Status&) {});
  uint64_t commits = writer.commits();
  for (size_t i = 0; i < works.size(); ++i) {
    auto promised = std::make_shared<std::vector<Promise>>();
    const bool taken = writer.submit(
        [&, promised, i](sqlite::Connection&) -> Status {
          TILL_TRY(*promised, works[i]());
          writer.after_commit([&, promised] { promise(teller.story, *promised); });  // as events tell of a change
          return {};
        },
        [&, promised, i](Status status) {
          if (!teller.file.empty() && writer.commits() != commits) teller.story.state(rows_of(teller.file));
          commits = writer.commits();
          if (status.ok()) promise(teller.story, *promised);
          told[i] = std::move(status);
          answered.count_down();
        });
    if (!taken) answered.count_down();
  }
  queued.count_down();
  answered.wait();
  if (stalls) static_cast<void>(writer.run([](sqlite::Connection&) { return Status{}; }));  // it may be folding
  return told;
}

}  // namespace till::crash
