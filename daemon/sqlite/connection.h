// A SQLite connection whose errors are values. One thread at a time; statements are prepared once per connection and
// kept. No SQL is built at run time: every text is a literal or comes from a row's field list at start (columns.h).
//
//   auto query = db.query("SELECT name, price FROM products WHERE id = ?", id);
//   while (query.next()) use(query.get<std::string>(0), query.get<int64_t>(1));
//   TILL_CHECK(query.status());
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "sqlite/columns.h"

struct sqlite3;
struct sqlite3_stmt;

namespace till::sqlite {

enum class Mode : uint8_t {
  create,     // read and write; the file is made if there is none
  write,      // read and write an existing file
  read_only,  // never writes, never checkpoints
  at_rest,    // read_only for a file that nobody writes and that has no WAL: leaves no -wal and -shm beside it
};

class Connection;

/// A bound statement. Ends (resets) when destroyed; do not keep one over a transaction's end.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& operator=(Query&&) = delete;
  ~Query();

  /// Steps to the next row. False at the end or on an error: ask status().
  bool next();
  /// The error that ended the rows, or that binding met.
  [[nodiscard]] Status status() const;

  /// Column `index` of the current row, from 0.
  template <class T>
  [[nodiscard]] T get(int index) const {
    T value{};
    Column<T>::read(statement_, index, value);
    return value;
  }
  /// Reads columns 0.. into the given variables.
  template <class... T>
  void read(T&... out) const {
    int index = 0;
    (Column<T>::read(statement_, index++, out), ...);
  }
  [[nodiscard]] sqlite3_stmt* handle() const { return statement_; }

 private:
  friend class Connection;
  Query(Connection& connection, sqlite3_stmt* statement, bool* busy, int code)
      : connection_(&connection), statement_(statement), busy_(busy), code_(code) {}

  Connection* connection_;
  sqlite3_stmt* statement_;
  bool* busy_;  // the cache entry's mark, or null: this statement is ours to finalize
  int code_;    // SQLite's last result code
};

class Connection {
 public:
  /// Opens with the settings of D3: WAL, synchronous FULL, 1 KiB pages, foreign keys, no mmap, no automatic
  /// checkpoints; and with a checksum in each page (checked_vfs.h). `cache_kib` bounds the page cache. Errors name the
  /// path and the reason.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode mode, int cache_kib = 2048);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Prepares (or takes from the cache, by the text's address) and binds. `sql` must live as long as the connection.
  template <class... Args>
  [[nodiscard]] Query query(const char* sql, const Args&... args) {
    Query q = prepare(sql);
    int index = 0;
    ((q.code_ == 0 ? static_cast<void>(q.code_ = Column<Args>::bind(q.statement_, ++index, args)) : void()), ...);
    return q;
  }
  /// Runs a statement that gives no rows.
  template <class... Args>
  Status run(const char* sql, const Args&... args) {
    Query q = query(sql, args...);
    q.next();
    return q.status();
  }
  /// The first column of the first row; nullopt if there is no row.
  template <class T, class... Args>
  Result<std::optional<T>> value(const char* sql, const Args&... args) {
    Query q = query(sql, args...);
    std::optional<T> found;
    if (q.next()) found = q.get<T>(0);
    TILL_CHECK(q.status());
    return found;
  }
  /// Runs a script of several statements (migrations, pragmas).
  Status execute(const std::string& script);

  /// Rows changed by the last run().
  [[nodiscard]] int64_t changes() const;
  [[nodiscard]] bool in_transaction() const;
  /// True once the file system or the file failed under us: nothing more may be tried on this handle (50-faults).
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] sqlite3* handle() const { return db_; }

  /// SQLite's result code as an Error; the detail goes to the log, not to the message.
  Error error(int code, const char* doing);

 private:
  friend class Query;
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool busy = false;
  };

  explicit Connection(sqlite3* db) : db_(db) {}
  Query prepare(const char* sql);
  Status configure(Mode mode, int cache_kib);

  sqlite3* db_;
  std::unordered_map<const char*, Cached> cache_;
  std::atomic<bool> broken_ = false;  // other threads ask
};

/// Runs change(db) in a transaction of its own: all of it, or none if it gives an Error. At start and in tools; what
/// the running daemon writes goes through the Writer.
template <class F>
Status transact(Connection& db, F&& change) {
  TILL_CHECK(db.run("BEGIN IMMEDIATE"));
  Status status = change(db);
  if (status.ok()) status = db.run("COMMIT");
  if (!status.ok() && db.in_transaction()) static_cast<void>(db.run("ROLLBACK"));
  return status;
}

}  // namespace till::sqlite
