// Snapshots: they stand still while they are held, move when asked, and always see what was committed before the ask.
#include "sqlite/reader.h"

#include "sqlite/database.h"

using namespace till;
using namespace till::sqlite;

namespace {

int64_t count(Connection& db) { return db.value<int64_t>("SELECT count(*) FROM t").value().value(); }

}  // namespace

TEST_CASE("what was committed is read at once") {
  Database database;
  for (int64_t n = 1; n <= 20; ++n) {
    REQUIRE(database.writer.run(insert(n)).ok());
    CHECK(database.count() == n);
  }
}

TEST_CASE("a held snapshot does not move by itself, and ends with the next fresh() after a commit") {
  Database database;
  REQUIRE(database.writer.run(insert(1)).ok());
  Connection& held = *database.readers.fresh().value();
  CHECK(count(held) == 1);
  REQUIRE(database.writer.run(insert(2)).ok());
  CHECK(count(held) == 1);
  CHECK(count(*database.readers.fresh().value()) == 2);
  CHECK(count(held) == 2);  // the connection is the same one
}

TEST_CASE("while nothing is committed the snapshot is kept") {
  Database database;
  REQUIRE(database.writer.run(insert(1)).ok());
  Reader& reader = *database.readers.mine().value();
  CHECK_FALSE(reader.holds_snapshot());
  CHECK(count(*reader.fresh().value()) == 1);
  CHECK(reader.holds_snapshot());
  auto outside = open(database.path, Mode::write);  // a commit that the writer does not know of
  REQUIRE(outside->run("INSERT INTO t VALUES (2)").ok());
  CHECK(count(*reader.fresh().value()) == 1);
  database.readers.release();
  CHECK_FALSE(reader.holds_snapshot());
  CHECK(count(*reader.fresh().value()) == 2);
}

TEST_CASE("each thread has a reader of its own, and its snapshots move by themselves") {
  Database database;
  REQUIRE(database.writer.run(insert(1)).ok());
  Connection& mine = *database.readers.fresh().value();
  CHECK(count(mine) == 1);  // the snapshot begins with the first read
  std::thread([&] {
    CHECK(database.readers.fresh().value() != &mine);
    REQUIRE(database.writer.run(insert(2)).ok());
    CHECK(database.count() == 2);
    database.readers.release();
  }).join();
  CHECK(count(mine) == 1);
}

TEST_CASE("a reader cannot write") {
  Database database;
  Connection& db = *database.readers.fresh().value();
  CHECK_FALSE(db.run("INSERT INTO t VALUES (1)").ok());
  CHECK_FALSE(db.execute("CREATE TABLE u (n)").ok());
  CHECK(database.count() == 0);
}

TEST_CASE("a released snapshot lets the log start over, a held one does not") {
  Database database({.checkpoint_frames = 1});
  REQUIRE(database.writer.run(insert(1)).ok());
  CHECK(database.count() == 1);
  for (int n = 0; n < 5; ++n) REQUIRE(database.writer.run(insert(n)).ok());
  CHECK(database.writer.stats().wal_frames > 0);
  database.readers.release();
  REQUIRE(database.writer.run(insert(7)).ok());
  database.writer.stop();
  CHECK(database.writer.stats().wal_frames == 0);
}
