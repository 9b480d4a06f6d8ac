// A part of a write that may fail by itself. Inside a job of the writer, on its thread.
#pragma once

#include "sqlite/connection.h"

namespace till::sqlite {

/// Runs `work`, which gives a Result or Status, in a savepoint of its own: if it fails, what it wrote is undone, and
/// only that. After an error that took the whole transaction with it (full disk, I/O) the connection is in none any
/// more, and the job must end with that error.
template <class Work>
auto nested(Connection& db, Work&& work) -> decltype(work()) {
  TILL_CHECK(db.run("SAVEPOINT nested"));
  auto result = work();
  if (!db.in_transaction()) return result;
  if (!result.ok()) TILL_CHECK(db.run("ROLLBACK TO nested"));
  TILL_CHECK(db.run("RELEASE nested"));
  return result;
}

}  // namespace till::sqlite
