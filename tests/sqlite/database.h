// A database file of a test's own with one table, its writer and its readers.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <fstream>
#include <future>
#include <iterator>

#include "base/log.h"
#include "sqlite/reader.h"
#include "support/temp_folder.h"

namespace till::sqlite {

/// Only the errors that a test provokes are logged.
inline void hush() { log::set_level(log::Level::error); }

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::unique_ptr<Connection> open(const std::string& path, Mode mode = Mode::create) {
  auto db = Connection::open(path, mode);
  REQUIRE(db.ok());
  return std::move(*db);
}

struct Database {
  test::TempFolder folder{};
  std::string path = folder.file("a.db");
  Writer writer;
  Readers readers{path, writer, 256};

  explicit Database(WriterOptions options = {}) : writer(make(), options) { writer.start(); }

  std::unique_ptr<Connection> make() {
    hush();
    auto db = open(path);
    REQUIRE(db->execute("CREATE TABLE t (n INTEGER) STRICT").ok());
    return db;
  }
  int64_t count() { return readers.fresh().value()->value<int64_t>("SELECT count(*) FROM t").value().value(); }
};

/// A job that inserts n.
inline Job insert(int64_t n) {
  return [n](Connection& db) { return db.run("INSERT INTO t VALUES (?)", n); };
}

/// A job that keeps the writer busy until it is let go: whatever is submitted meanwhile becomes the next group.
class Stall {
 public:
  explicit Stall(Writer& writer) {
    REQUIRE(writer.submit(
        [this](Connection&) {
          begun_.set_value();
          go_.get_future().wait();
          return Status();
        },
        [this](const Status&) { done_.set_value(); }));
    begun_.get_future().wait();
  }
  void end() {
    go_.set_value();
    done_.get_future().wait();
  }

 private:
  std::promise<void> begun_, go_, done_;
};

}  // namespace till::sqlite
