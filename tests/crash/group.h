// Jobs of the real writer, made one group in a way that repeats: they are queued while it is busy. Their answers are
// noted in the story when they leave, on the writer's thread.
#pragma once

#include "crash/story.h"
#include "sqlite/writer.h"

namespace till::crash {

/// What a job did, as its answer promises it.
using Answer = Result<std::vector<Promise>>;
using Work = std::function<Answer()>;

/// Where a group's story is written; `file`: the database, whose rows are noted after each commit, empty: they are not.
struct Teller {
  Story& story;
  std::string file;
};

/// Returns what each was told, when all are answered and the writer is at rest (has folded the WAL if it wanted to).
std::vector<Status> together(sqlite::Writer& writer, const Teller& teller, std::vector<Work> works);

}  // namespace till::crash
