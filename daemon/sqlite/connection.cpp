#include "sqlite/connection.h"

#include <sqlite3.h>

#include "base/log.h"
#include "sqlite/checked_vfs.h"
#include "sqlite/page_sum.h"

namespace till::sqlite {
namespace {

// A path as SQLite's URI: what has a meaning in one is escaped.
std::string uri_of(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%')
      uri += "%25";
    else if (c == '?')
      uri += "%3f";
    else if (c == '#')
      uri += "%23";
    else
      uri += c;
  }
  return uri;
}

}  // namespace

Query::Query(Query&& other) noexcept
    : connection_(other.connection_), statement_(other.statement_), busy_(other.busy_), code_(other.code_) {
  other.statement_ = nullptr;
  other.busy_ = nullptr;
}

Query::~Query() {
  if (!statement_) return;
  if (!busy_) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *busy_ = false;
}

bool Query::next() {
  if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
  code_ = sqlite3_step(statement_);
  return code_ == SQLITE_ROW;
}

Status Query::status() const {
  if (code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE) return {};
  return connection_->error(code_, statement_ ? sqlite3_sql(statement_) : "prepare");
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode, int cache_kib) {
  const int flags = mode == Mode::create    ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                    : mode == Mode::write   ? SQLITE_OPEN_READWRITE
                    : mode == Mode::at_rest ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                                            : SQLITE_OPEN_READONLY;
  const std::string name = mode == Mode::at_rest ? uri_of(path) + "?immutable=1" : path;
  // Before anything else: SQLite would count every allocation under one mutex, and nobody here asks for the count.
  static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(uncounted);
  sqlite3* db = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, checked_vfs());
  auto connection = std::unique_ptr<Connection>(new Connection(db));
  if (code != SQLITE_OK) {
    const Code kind = (code & 0xFF) == SQLITE_NOTADB ? Code::invalid : Code::internal;
    return Error{.code = kind, .message = path + ": " + (db ? sqlite3_errmsg(db) : "out of memory")};
  }
  if (auto status = connection->configure(mode, cache_kib); !status) {
    Error error = std::move(status).error();
    error.message = path + ": " + sqlite3_errmsg(db);
    return error;
  }
  return connection;
}

Status Connection::configure(Mode mode, int cache_kib) {
  sqlite3_busy_timeout(db_, 2000);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Temporary tables and sorters stay in memory: the flash is for facts.
  std::string pragmas =
      "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON;"
      "PRAGMA trusted_schema = OFF; PRAGMA cache_size = -" +
      std::to_string(cache_kib) + ";";
  if (mode == Mode::read_only || mode == Mode::at_rest) {
    pragmas += "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0;";
  } else {
    int reserved = kSumBytes;
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    if (lacks_sums(db_))  // made before pages had sums; its copy on the way may be too large for memory
      TILL_CHECK(execute("PRAGMA journal_mode = DELETE; PRAGMA temp_store = FILE; VACUUM;"));
    // page_size counts only while the file is empty: 1 KiB writes 2.4 times less per sale than 4 KiB (D3).
    pragmas +=
        "PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;";
  }
  return execute(pragmas);
}

Connection::~Connection() {
  for (auto& [sql, cached] : cache_) sqlite3_finalize(cached.statement);
  // SQLite folds the WAL in when it closes, and that syncs: never again what a failed sync may have dropped
  // (50-faults).
  if (broken_) sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_close(db_);
}

Query Connection::prepare(const char* sql) {
  Cached& cached = cache_[sql];
  if (cached.statement && !cached.busy) {
    cached.busy = true;
    return {*this, cached.statement, &cached.busy, SQLITE_OK};
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return {*this, nullptr, nullptr, code};
  if (cached.statement) return {*this, statement, nullptr, SQLITE_OK};  // the kept one is in use further up the stack
  cached = {statement, true};
  return {*this, statement, &cached.busy, SQLITE_OK};
}

Status Connection::execute(const std::string& script) {
  const int code = sqlite3_exec(db_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, "script");
  return {};
}

int64_t Connection::changes() const { return sqlite3_changes64(db_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Error Connection::error(int code, const char* doing) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return {.code = Code::full, .message = "The disk is full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {.code = Code::busy, .message = "The database is busy", .retry_after_s = 1};
    case SQLITE_READONLY:
      return {.code = Code::offline, .message = "The database cannot be written"};
    case SQLITE_CONSTRAINT:
      log::warning("constraint", {{"detail", sqlite3_errmsg(db_)}, {"sql", doing}});
      return {.code = Code::conflict, .message = "This clashes with another row"};
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_SHMSIZE) return {.code = Code::full, .message = "The disk is full"};  // for its index
      broken_ = true;
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      broken_ = true;
      break;
    default:
      break;
  }
  log::error("sqlite", {{"code", int64_t{code}}, {"detail", sqlite3_errmsg(db_)}, {"sql", doing}});
  return {.code = broken_ ? Code::offline : Code::internal, .message = "The database failed"};
}

int bind_null(sqlite3_stmt* s, int i) { return sqlite3_bind_null(s, i); }
int bind_integer(sqlite3_stmt* s, int i, int64_t value) { return sqlite3_bind_int64(s, i, value); }
int bind_text(sqlite3_stmt* s, int i, std::string_view value) {
  return sqlite3_bind_text64(s, i, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}
int bind_blob(sqlite3_stmt* s, int i, ByteView value) {
  const void* bytes = value.empty() ? static_cast<const void*>("") : value.data();  // a null pointer would be NULL
  return sqlite3_bind_blob64(s, i, bytes, value.size(), SQLITE_TRANSIENT);
}
bool is_null(sqlite3_stmt* s, int i) { return sqlite3_column_type(s, i) == SQLITE_NULL; }
int64_t read_integer(sqlite3_stmt* s, int i) { return sqlite3_column_int64(s, i); }
std::string_view read_text(sqlite3_stmt* s, int i) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s, i));
  return text ? std::string_view(text, static_cast<size_t>(sqlite3_column_bytes(s, i))) : std::string_view();
}
ByteView read_blob(sqlite3_stmt* s, int i) {
  const auto* data = static_cast<const uint8_t*>(sqlite3_column_blob(s, i));
  return {data, data ? static_cast<size_t>(sqlite3_column_bytes(s, i)) : 0};
}
void Column<Uuid>::read(sqlite3_stmt* s, int i, Uuid& id) {
  const ByteView blob = read_blob(s, i);
  id = {};
  if (blob.size() == id.bytes.size()) std::copy(blob.begin(), blob.end(), id.bytes.begin());
}

}  // namespace till::sqlite
