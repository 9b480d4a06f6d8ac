#include "sqlite/rescue.h"

#include <sqlite3.h>

#include <algorithm>

#include "sqlite/seal.h"

namespace till::sqlite {
namespace {

class Gathering {
 public:
  explicit Gathering(const std::string& path)
      : path_(path), layout_(layout_in_file()), wal_(path + "-wal", layout_.page_size) {
    if (const auto newer = wal_.layout()) layout_ = *newer;
  }

  Status copy_to(const std::string& copy) {
    RawFile out;
    if (out.open(copy, RawFile::Mode::write) != SQLITE_OK) return failed(copy);
    if (layout_.page_size == 0) return {};
    std::vector<uint8_t> page(layout_.page_size);
    auto copy_page = [&](uint32_t number) {
      // One that is lost stays as it is, or a hole: whoever reads it is told so by its sum.
      static_cast<void>(read(number, page));
      return out.write(layout_.offset_of(number), page) == SQLITE_OK;
    };
    // What is in file or log, and the last: a damaged header may claim billions between them, which are one hole.
    const uint32_t in_file = pages_in_file();
    bool fine = copy_page(page_count(in_file));
    for (uint32_t number = 1; fine && number <= in_file; ++number) fine = copy_page(number);
    for (const auto* pages : {&wal_.pages(), &beyond()})
      for (auto at = pages->upper_bound(in_file); fine && at != pages->end(); ++at) fine = copy_page(at->first);
    return fine && out.sync() == SQLITE_OK ? Status{} : failed(copy);
  }

 private:
  static Error failed(const std::string& path) {
    return {.code = Code::full, .message = path + ": cannot be written; is the disk full?"};
  }
  PageLayout layout_in_file() {
    std::array<uint8_t, kHeaderBytes> header{};
    if (file_.open(path_, RawFile::Mode::read) != 0 || !file_.read(0, header)) return {};
    return PageLayout::of(header);
  }

  [[nodiscard]] uint32_t pages_in_file() const {
    return file_.is_open() ? static_cast<uint32_t>(file_.size() / layout_.page_size) : 0;
  }
  uint32_t page_count(uint32_t in_file) {
    auto highest = std::max({layout_.page_count, wal_.page_count(), in_file, 1U});
    for (const auto* pages : {&wal_.pages(), &beyond()})
      if (!pages->empty()) highest = std::max(highest, pages->rbegin()->first);
    return highest;
  }

  // Pages behind the end of the log's whole part.
  const std::map<uint32_t, int64_t>& beyond() {
    if (!beyond_) {
      const auto witness = read_witness(path_ + "-shm");
      const auto salt = wal_.salt() ? wal_.salt() : witness ? std::optional(witness->salt) : wal_.second_salt();
      const bool is_clear = salt && !read_seal(path_ + kSealSuffix, layout_.page_size).is_used_again(*salt);
      beyond_ = is_clear ? wal_.find_lost(*salt, witness && witness->salt == *salt ? witness->frames : 0).pages
                         : std::map<uint32_t, int64_t>{};
    }
    return *beyond_;
  }

  // True if its content is what was written once.
  bool read(uint32_t number, Page into) {
    for (const auto* pages : {&beyond(), &wal_.pages()}) {
      const auto frame = pages->find(number);
      if (frame == pages->end() || !wal_.read_page(frame->second, into)) continue;
      keep_sum(into, page_sum(number, into));
      return true;
    }
    std::fill(into.begin(), into.end(), uint8_t{0});
    if (!file_.is_open() || !file_.read(layout_.offset_of(number), into)) return false;
    return kept_sum(into) == page_sum(number, into);
  }

  const std::string& path_;
  RawFile file_;
  PageLayout layout_;
  WalLog wal_;
  std::optional<std::map<uint32_t, int64_t>> beyond_;
};

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

// Nullptr if it cannot be prepared. Its text is made here, from names of our own schema.
Statement prepare(Connection& db, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db.handle(), sql.c_str(), -1, &statement, nullptr);
  return Statement(statement);
}

std::vector<std::string> names(Connection& db, const std::string& sql) {
  std::vector<std::string> found;
  const Statement query = prepare(db, sql);
  while (query && sqlite3_step(query.get()) == SQLITE_ROW)
    found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(query.get(), 0)));
  return found;
}

class TableRescue {
 public:
  TableRescue(Connection& from, Connection& to, const std::string& table) : from_(from), table_(table) {
    const auto there = names(from, "SELECT name FROM pragma_table_info('" + table + "')");
    std::string marks;
    for (const std::string& column : names(to, "SELECT name FROM pragma_table_info('" + table + "')")) {
      if (std::find(there.begin(), there.end(), column) == there.end()) continue;  // of a later migration
      columns_ += (columns_.empty() ? "" : ", ") + column;
      marks += marks.empty() ? "?" : ", ?";
    }
    insert_ = prepare(to, "INSERT OR REPLACE INTO " + table + " (" + columns_ + ") VALUES (" + marks + ")");
    has_rowid_ = prepare(to, "SELECT rowid FROM " + table) != nullptr;
  }

  /// False if some rows could not be read.
  bool run(int64_t& rows) {
    if (columns_.empty() || !insert_) return false;
    if (!has_rowid_) return copy("SELECT " + columns_ + " FROM " + table_, rows) || copy_backwards(rows);
    const std::string from_row = "SELECT " + columns_ + ", rowid FROM " + table_ + " WHERE rowid > ? ORDER BY rowid";
    last_ = INT64_MIN;
    bool whole = copy(from_row, rows);
    const bool torn = !whole;
    while (!whole && leap()) whole = copy(from_row, rows);
    return !torn;
  }

 private:
  // True if it came to the end.
  bool copy(const std::string& sql, int64_t& rows) {
    const Statement query = prepare(from_, sql);
    if (!query) return false;
    if (has_rowid_) sqlite3_bind_int64(query.get(), 1, last_);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(query.get())) == SQLITE_ROW) {
      const int count = sqlite3_bind_parameter_count(insert_.get());
      for (int i = 0; i < count; ++i) sqlite3_bind_value(insert_.get(), i + 1, sqlite3_column_value(query.get(), i));
      if (has_rowid_) last_ = sqlite3_column_int64(query.get(), count);
      sqlite3_step(insert_.get());
      rows += sqlite3_changes64(sqlite3_db_handle(insert_.get()));
      sqlite3_reset(insert_.get());
    }
    return code == SQLITE_DONE;
  }

  // Without row numbers nothing can be leapt over: what lies behind is read from the other end.
  bool copy_backwards(int64_t& rows) {
    std::string order;
    for (const std::string& key :
         names(from_, "SELECT name FROM pragma_table_info('" + table_ + "') WHERE pk > 0 ORDER BY pk"))
      order += (order.empty() ? " ORDER BY " : ", ") + key + " DESC";
    copy("SELECT " + columns_ + " FROM " + table_ + order, rows);
    return false;
  }

  // Sets last_ behind the rows that cannot be read: ever further, then back to where they end. False: there is no more.
  bool leap() {
    int64_t far = last_, near = last_;
    for (uint64_t step = 1; !is_readable(far); step *= 2) {
      const uint64_t left = static_cast<uint64_t>(INT64_MAX) - static_cast<uint64_t>(far);
      if (step == 0 || step > left) return false;
      near = far;
      far = static_cast<int64_t>(static_cast<uint64_t>(far) + step);
    }
    while (static_cast<uint64_t>(far) - static_cast<uint64_t>(near) > 1) {
      const uint64_t half = (static_cast<uint64_t>(far) - static_cast<uint64_t>(near)) / 2;
      const auto middle = static_cast<int64_t>(static_cast<uint64_t>(near) + half);
      (is_readable(middle) ? far : near) = middle;
    }
    const bool moved = far > last_;
    last_ = far;
    return moved;
  }

  // True if the first row behind this one can be read. At the end there is none to leap to: that ends the search, too.
  bool is_readable(int64_t after) {
    const Statement query = prepare(from_, "SELECT " + columns_ + " FROM " + table_ + " WHERE rowid > ? LIMIT 1");
    if (!query) return false;
    sqlite3_bind_int64(query.get(), 1, after);
    const int code = sqlite3_step(query.get());
    return code == SQLITE_ROW || code == SQLITE_DONE;
  }

  Connection& from_;
  const std::string& table_;
  std::string columns_;
  Statement insert_;
  bool has_rowid_ = false;
  int64_t last_ = 0;
};

}  // namespace

Status gather_pages(const std::string& damaged, const std::string& copy) { return Gathering(damaged).copy_to(copy); }

std::vector<std::string> tables_of(Connection& db) {
  const auto virtual_tables = names(db, "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'");
  auto tables = names(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  std::erase_if(tables, [&](const std::string& table) {
    return table == "migrations" || std::any_of(virtual_tables.begin(), virtual_tables.end(),
                                                [&](const std::string& name) { return table.starts_with(name); });
  });
  return tables;
}

Result<Rescued> rescue_rows(Connection& from, Connection& to, const std::vector<std::string>& tables) {
  Rescued rescued;
  TILL_CHECK(transact(to, [&](Connection&) -> Status {
    for (const std::string& table : tables)
      if (!TableRescue(from, to, table).run(rescued.rows)) rescued.torn.push_back(table);
    return {};
  }));
  return rescued;
}

}  // namespace till::sqlite
