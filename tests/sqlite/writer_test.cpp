// The one writer under attack: jobs that fail, throw, roll everything back, come too many or too late, commits that
// fail, a file that breaks. Nobody may be told "written" for what is not there, and nobody twice.
#include "sqlite/writer.h"

#include <algorithm>
#include <stdexcept>

#include "sqlite/database.h"

using namespace till;
using namespace till::sqlite;

namespace {

/// What the submitters of some jobs were told, in order.
struct Told {
  std::vector<Status> all;

  Done note() {
    return [this](Status status) {
      std::lock_guard lock(mutex_);
      all.push_back(std::move(status));
      told_.notify_one();
    };
  }
  /// Returns when `count` of them were told.
  void wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    REQUIRE(told_.wait_for(lock, std::chrono::seconds(10), [&] { return all.size() >= count; }));
  }
  size_t fine() const {
    return static_cast<size_t>(std::count_if(all.begin(), all.end(), [](const Status& s) { return s.ok(); }));
  }

 private:
  std::mutex mutex_;
  std::condition_variable told_;
};

/// The next commits fail as if the disk had said no; SQLite rolls back by itself.
void fail_commits(Database& database, bool fail) {
  REQUIRE(database.writer
              .run([fail](Connection& db) {
                sqlite3_commit_hook(db.handle(), fail ? +[](void*) { return 1; } : nullptr, nullptr);
                return Status();
              })
              .ok() != fail);
}

Job failing() {
  return [](Connection& db) -> Status {
    TILL_CHECK(db.run("INSERT INTO t VALUES (99)"));
    return Error{.code = Code::conflict, .message = "no"};
  };
}

}  // namespace

TEST_CASE("a job's error takes back what it wrote, and only that") {
  Database database;
  Told told;
  Stall stall(database.writer);
  REQUIRE(database.writer.submit(insert(1), told.note()));
  REQUIRE(database.writer.submit(failing(), told.note()));
  REQUIRE(database.writer.submit(insert(2), told.note()));
  stall.end();
  CHECK(database.writer.run(failing()).error().code == Code::conflict);
  REQUIRE(told.all.size() == 3);
  CHECK(told.fine() == 2);
  CHECK(told.all[1].error().message == "no");
  CHECK(database.count() == 2);
}

TEST_CASE("what waits is committed together, at most a group at a time") {
  Database database;
  Told told;
  Stall stall(database.writer);
  for (int n = 0; n < 300; ++n) REQUIRE(database.writer.submit(insert(n), told.note()));
  stall.end();
  database.writer.stop();
  CHECK(told.fine() == 300);
  CHECK(database.writer.commits() == 3);  // the stall, 256, 44
  CHECK(database.writer.stats().groups == 3);
  CHECK(database.writer.stats().jobs == 301);
  CHECK(open(database.path)->value<int64_t>("SELECT count(*) FROM t").value() == 300);
}

TEST_CASE("a group in which every job failed commits nothing") {
  Database database;
  const uint64_t before = database.writer.commits();
  CHECK_FALSE(database.writer.run(failing()).ok());
  CHECK(database.writer.commits() == before);
}

TEST_CASE("the doorbell rings once for a group, behind its answers, and not where nothing was committed") {
  Database database;
  Told told;
  std::vector<size_t> rung;  // how many had been told
  database.writer.on_commit([&] { rung.push_back(told.all.size()); });
  Stall stall(database.writer);
  for (const int64_t n : {1, 2}) REQUIRE(database.writer.submit(insert(n), told.note()));
  stall.end();
  told.wait_for(2);
  CHECK_FALSE(database.writer.run(failing()).ok());
  fail_commits(database, true);
  CHECK_FALSE(database.writer.run(insert(3)).ok());
  database.writer.stop();
  CHECK(rung == std::vector<size_t>{0, 2});  // the stall, the group
}

TEST_CASE("a failed commit is told to everyone of the group, and counters are read again") {
  Database database;
  int lost = 0;
  database.writer.on_lost([&lost](Connection& db) {
    CHECK_FALSE(db.in_transaction());
    ++lost;
    return Status();
  });
  fail_commits(database, true);
  CHECK(lost == 1);
  Told told;
  Stall stall(database.writer);
  for (const int64_t n : {1, 2}) REQUIRE(database.writer.submit(insert(n), told.note()));
  REQUIRE(database.writer.submit(failing(), told.note()));
  stall.end();
  told.wait_for(3);
  fail_commits(database, false);
  CHECK(told.fine() == 0);
  CHECK(told.all[2].error().code == Code::conflict);  // it keeps its own reason
  CHECK(lost == 3);                                   // the hook's own job, the stall, the group
  CHECK(database.count() == 0);
  CHECK(database.writer.healthy());
  CHECK(database.writer.run(insert(3)).ok());
  CHECK(database.count() == 1);
}

TEST_CASE("a commit that fails and leaves its transaction open is rolled back") {
  Database database;
  REQUIRE(database.writer
              .run([](Connection& db) {
                return db.execute(
                    "CREATE TABLE child (p INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);"
                    "CREATE TABLE parent (id INTEGER PRIMARY KEY);");
              })
              .ok());
  CHECK_FALSE(database.writer.run([](Connection& db) { return db.run("INSERT INTO child VALUES (1)"); }).ok());
  CHECK(database.writer.stats().failed_commits == 1);
  CHECK(database.writer.run(insert(1)).ok());
  CHECK(database.count() == 1);
}

TEST_CASE("a job that loses the whole transaction loses it for all of its group") {
  Database database;
  Told told;
  Stall stall(database.writer);
  REQUIRE(database.writer.submit(insert(1), told.note()));
  REQUIRE(database.writer.submit([](Connection& db) { return db.execute("ROLLBACK"); }, told.note()));
  REQUIRE(database.writer.submit(insert(2), told.note()));
  stall.end();
  told.wait_for(3);
  CHECK(database.writer.run(insert(3)).ok());
  CHECK(told.fine() == 0);
  CHECK(database.count() == 1);
}

TEST_CASE("a full disk refuses what does not fit, and the shop goes on when there is room") {
  Database database;
  std::atomic<int> asked_for_room = 0;
  database.writer.on_full([&] { ++asked_for_room; });
  auto limit_pages = [&](const char* pragma) {
    REQUIRE(database.writer.run([pragma](Connection& db) { return db.execute(pragma); }).ok());
  };
  limit_pages("PRAGMA max_page_count = 8");
  const Status full = database.writer.run([](Connection& db) {
    return db.run(
        "INSERT INTO t SELECT value FROM json_each('[' || replace(hex(zeroblob(9999)),"
        " '00', '1000000,') || '1]')");
  });
  CHECK(full.error().code == Code::full);
  CHECK(asked_for_room == 1);  // before the refusal was told
  CHECK(database.writer.full());
  CHECK(database.writer.healthy());
  CHECK(database.writer.run(insert(1)).ok());
  CHECK_FALSE(database.writer.full());
  limit_pages("PRAGMA max_page_count = 100000");
  CHECK(database.writer.run(insert(2)).ok());
  CHECK(database.count() == 2);
}

TEST_CASE("a full queue refuses at once and calls nobody") {
  Database database({.queue = 3});
  Told told;
  Stall stall(database.writer);
  for (const int64_t n : {1, 2, 3}) REQUIRE(database.writer.submit(insert(n), told.note()));
  CHECK_FALSE(database.writer.submit(insert(4), told.note()));
  CHECK(database.writer.run(insert(5)).error().code == Code::busy);
  CHECK(database.writer.stats().refused == 2);
  stall.end();
  database.writer.stop();
  CHECK(told.all.size() == 3);
  CHECK(database.count() == 3);
}

TEST_CASE("stop finishes what is queued and takes no more") {
  Database database;
  Told told;
  auto stall = std::make_unique<Stall>(database.writer);
  for (int n = 0; n < 10; ++n) REQUIRE(database.writer.submit(insert(n), told.note()));
  std::thread stopping([&] { database.writer.stop(); });
  stall->end();
  stopping.join();
  CHECK(told.fine() == 10);
  CHECK_FALSE(database.writer.submit(insert(11), told.note()));
  database.writer.stop();  // twice is once
  CHECK(told.all.size() == 10);
  CHECK(database.writer.stats().wal_frames == 0);  // folded into the file
}

TEST_CASE("an exception in a job is its error, and its writes are gone") {
  Database database;
  const Status thrown = database.writer.run([](Connection& db) -> Status {
    TILL_CHECK(db.run("INSERT INTO t VALUES (1)"));
    throw std::runtime_error("SELECT secret");
  });
  CHECK(thrown.error().code == Code::internal);
  CHECK(thrown.error().message.find("secret") == std::string::npos);
  CHECK(database.writer.run(insert(2)).ok());
  CHECK(database.count() == 1);
}

TEST_CASE("once the file failed nothing more is written, and the process is stopped once") {
  Database database;
  int stops = 0, lost = 0;
  database.writer.on_broken([&stops] { ++stops; });
  database.writer.on_lost([&lost](Connection&) {
    ++lost;
    return Status();
  });
  Told told;
  Stall stall(database.writer);
  REQUIRE(database.writer.submit(insert(1), told.note()));
  REQUIRE(
      database.writer.submit([](Connection& db) -> Status { return db.error(SQLITE_CORRUPT, "a read"); }, told.note()));
  REQUIRE(database.writer.submit(insert(2), told.note()));
  stall.end();
  database.writer.stop();
  REQUIRE(told.all.size() == 3);
  CHECK(told.fine() == 0);
  CHECK(stops == 1);
  CHECK(lost == 0);  // counters of a broken file are not read again
  CHECK_FALSE(database.writer.healthy());
  CHECK(database.count() == 0);
}

TEST_CASE("a broken writer answers everyone, touches the file no more and keeps up its heartbeat") {
  Database database;
  database.writer.on_broken([] {});
  static_cast<void>(database.writer.run([](Connection& db) -> Status { return db.error(SQLITE_IOERR_FSYNC, "sync"); }));
  const std::string before = contents(database.path + "-wal");
  const uint64_t progress = database.writer.stats().progress;
  for (int n = 0; n < 3; ++n) CHECK(database.writer.run(insert(n)).error().code == Code::offline);
  CHECK(database.writer.stats().progress > progress);
  CHECK(database.count() == 0);  // reads go on
  database.writer.stop();
  CHECK(contents(database.path + "-wal") == before);
  CHECK_FALSE(database.writer.submit(insert(9), [](const Status&) {}));
}

TEST_CASE("many threads: each job is told once, in the order of its thread, and is there when it is told") {
  Database database;
  constexpr int kThreads = 4, kEach = 200;
  std::vector<std::vector<int>> told(kThreads);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < kEach; ++n) {
        const bool queued = database.writer.submit(insert(n), [&, t, n](const Status& status) {
          if (status.ok()) told[t].push_back(n);
        });
        if (!queued) --n;
      }
      if (!database.writer.run(insert(kEach)).ok() || database.count() <= kEach) told[t].push_back(-1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& order : told) {
    CHECK(order.size() == kEach);
    CHECK(std::is_sorted(order.begin(), order.end()));
  }
  CHECK(database.count() == kThreads * (kEach + 1));
  CHECK(database.writer.commits() < kThreads * kEach);  // syncs were shared
}

TEST_CASE("a long log is folded into the file when nobody is in a hurry") {
  Database database({.checkpoint_frames = 8});
  for (int n = 0; n < 20; ++n) REQUIRE(database.writer.run(insert(n)).ok());
  database.writer.stop();
  CHECK(database.writer.stats().checkpoints >= 2);
  CHECK(database.writer.stats().wal_frames == 0);
}

TEST_CASE("a job that the database failed may have moved counters: they are read again inside the group") {
  Database database;
  int64_t counter = 0;
  database.writer.on_lost([&counter](Connection& db) -> Status {
    TILL_TRY(const auto rows, db.value<int64_t>("SELECT count(*) FROM t"));
    counter = rows.value_or(-1);
    return {};
  });
  const auto add = [&counter](Code code) -> Job {
    return [&counter, code](Connection& db) -> Status {
      TILL_CHECK(db.run("INSERT INTO t VALUES (?)", ++counter));
      return code == Code::conflict ? Status() : Status(Error{.code = code, .message = "late"});
    };
  };
  Told told;
  Stall stall(database.writer);
  for (const Code code : {Code::conflict, Code::full, Code::internal, Code::conflict})
    REQUIRE(database.writer.submit(add(code), told.note()));
  stall.end();
  told.wait_for(4);
  CHECK(told.fine() == 2);
  CHECK(counter == 2);
  CHECK(database.count() == 2);
}

TEST_CASE("while counters cannot be read again no job runs") {
  Database database;
  int readings = 0, ran = 0;
  database.writer.on_lost([&readings](Connection&) -> Status {
    if (++readings < 3) return Error{.code = Code::full, .message = "not now"};
    return {};
  });
  const auto count = [&ran](Connection& db) {
    ++ran;
    return db.run("INSERT INTO t VALUES (1)");
  };
  CHECK_FALSE(
      database.writer.run([](Connection&) -> Status { return Error{.code = Code::internal, .message = "late"}; }).ok());
  CHECK(readings == 2);  // inside the group, and once it was lost
  CHECK(database.writer.run(count).ok());
  CHECK(readings == 3);
  CHECK(ran == 1);
}
