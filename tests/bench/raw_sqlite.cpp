// The raw limit of a sale: its statements in a plain loop on SQLite's own interface, with a commit for each or for a
// group of 32, no HTTP, no JSON, no hash, no savepoint, no other thread. Same schema, pragmas and checkpoint rule as
// the daemon. The statements are not copied here: one real sale is traced and what SQLite saw is prepared again, so a
// sale that comes to need other statements changes this loop too, or stops it where it binds other parameters.
//
//     bench_raw_sqlite DATABASE PRODUCTS SECONDS GROUP time|random    → sales, seconds, bytes as a line of JSON
// `time` or `random`: how the idempotency keys are ordered. The database is made, measured and left behind.
#include <sqlite3.h>

#include <chrono>
#include <cstring>
#include <fstream>

#include "offline_shop.h"

namespace till::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

// As the daemon's defaults.
constexpr int64_t kCheckpointFrames = 4096;
constexpr int kCacheKib = 2048;

/// A prepared statement with positional binding. bind() checks that it was told all the parameters there are.
class Statement {
 public:
  Statement(sqlite3* db, const std::string& sql) {
    if (sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
      fail(sql);
  }
  Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  template <class... Args>
  Statement& bind(const Args&... args) {
    if (sqlite3_bind_parameter_count(statement_) != static_cast<int>(sizeof...(args)))
      fail(std::string("a sale's statement has changed, bind it anew: ") + sqlite3_sql(statement_));
    int index = 0;
    (bind_one(++index, args), ...);
    return *this;
  }
  bool next() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail(sqlite3_errmsg(sqlite3_db_handle(statement_)));
    return code == SQLITE_ROW;
  }
  void run() {
    while (next()) {
    }
    sqlite3_reset(statement_);
  }
  [[nodiscard]] int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::string text(int column) const {
    return {reinterpret_cast<const char*>(sqlite3_column_text(statement_, column)),
            static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
  }
  void reset() { sqlite3_reset(statement_); }

 private:
  void bind_one(int index, int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  void bind_one(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
  void bind_one(int index, const std::string& text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  template <size_t N>
  void bind_one(int index, const std::array<uint8_t, N>& bytes) {
    sqlite3_bind_blob(statement_, index, bytes.data(), N, SQLITE_STATIC);
  }

  sqlite3_stmt* statement_ = nullptr;
};

/// The texts one sale runs, as SQLite saw them.
std::vector<std::string> traced_sale(OfflineShop& shop, std::mt19937_64& random, int64_t products) {
  std::vector<std::string> texts;
  auto trace = [](unsigned, void* seen, void* statement, void*) {
    static_cast<std::vector<std::string>*>(seen)->emplace_back(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
    return 0;
  };
  shop.begin();
  sqlite3_trace_v2(shop.db().handle(), SQLITE_TRACE_STMT, trace, &texts);
  shop.sell(random, products);
  sqlite3_trace_v2(shop.db().handle(), 0, nullptr, nullptr);
  shop.commit();
  return texts;
}

/// The loop: one sale is 15 statements, for each of its three lines a lookup, an insert, a booking and what is left.
class RawLoop {
 public:
  RawLoop(OfflineShop& shop, int64_t products, bool random_keys)
      : db_(shop.db().handle()),
        products_(products),
        random_keys_(random_keys),
        texts_(traced_sale(shop, random_, products)),
        next_(shop.rows("SELECT max(row) FROM orders") + 1) {
    if (texts_.size() != 15) fail("a sale runs " + std::to_string(texts_.size()) + " statements now, this loop 15");
    sqlite3_wal_hook(
        db_,
        [](void* frames, sqlite3*, const char*, int count) {
          *static_cast<int64_t*>(frames) = count;
          return SQLITE_OK;
        },
        &frames_);
  }

  void group(int sales) {
    begin_.run();
    for (int i = 0; i < sales; ++i) sell();
    commit_.run();
    if (frames_ >= kCheckpointFrames) checkpoint();
  }
  void checkpoint() {
    sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    frames_ = 0;
  }

 private:
  struct Line {
    int64_t product = 0, price = 0, version = 0;
    std::string name;
  };

  Statement find(const char* beginning) {
    for (const std::string& text : texts_)
      if (text.find(beginning) != std::string::npos) return {db_, text};
    fail(std::string("a sale runs no ") + beginning);
  }
  Line look_up() {
    const std::string code = barcode(static_cast<int64_t>(random_() % static_cast<uint64_t>(products_)));
    if (!by_barcode_.bind(code).next()) fail("no product " + code);
    Line line{by_barcode_.integer(0), by_barcode_.integer(3), by_barcode_.integer(4), by_barcode_.text(2)};
    by_barcode_.reset();
    return line;
  }
  /// 16 bytes; the first 8 grow with each sale, or all are random.
  std::array<uint8_t, 16> id(bool grows) {
    std::array<uint8_t, 16> bytes{};
    const uint64_t halves[] = {grows ? __builtin_bswap64(static_cast<uint64_t>(next_)) : random_(), random_()};
    std::memcpy(bytes.data(), halves, sizeof halves);
    return bytes;
  }
  void sell();

  sqlite3* db_;
  const int64_t products_;
  const bool random_keys_;
  std::mt19937_64 random_{2};
  std::vector<std::string> texts_;
  int64_t next_;
  int64_t frames_ = 0;
  Statement by_key_ = find("once_key = ?"), by_barcode_ = find("FROM product_barcodes");
  Statement add_line_ = find("INSERT INTO order_lines"), book_ = find("UPDATE stock"), left_ = find("SELECT on_hand");
  Statement add_order_ = find("INSERT INTO orders"), add_payment_ = find("INSERT INTO payments");
  Statement begin_{db_, "BEGIN IMMEDIATE"}, commit_{db_, "COMMIT"};
};

void RawLoop::sell() {
  constexpr int64_t kTax = 190'000, kNow = 1'767'603'600'000, kDate = 20'260'105, kBase = 1, kQuantity = 1000;
  const int64_t order = next_++;
  const std::string key = to_string(Uuid{id(!random_keys_)});
  by_key_.bind(key, int64_t{1}, int64_t{0}, int64_t{0}, int64_t{0}).run();
  std::array<Line, 3> lines{look_up(), look_up(), look_up()};
  int64_t total = 0;
  for (int64_t n = 1; n <= 3; ++n) {
    const Line& line = lines[static_cast<size_t>(n - 1)];
    const int64_t row = store::part_key(order, n);
    const int64_t tax = line.price * kTax / (1'000'000 + kTax);
    total += line.price;
    add_line_.bind(row, line.product, line.name, kQuantity, line.price, nullptr, int64_t{0}, kTax, tax, line.price,
                   -kQuantity, line.version, nullptr, nullptr);
    add_line_.run();
    book_.bind(-kQuantity, kBase, row, line.product).run();
    left_.bind(line.product).run();
  }
  std::array<uint8_t, 32> hash{};
  for (uint8_t& byte : hash) byte = static_cast<uint8_t>(random_());
  const int64_t tax = total * kTax / (1'000'000 + kTax);
  add_order_.bind(order, id(true), kBase, kNow, int64_t{0}, int64_t{0}, int64_t{4}, int64_t{1}, order, kDate,
                  int64_t{1}, total, int64_t{0}, tax, total, int64_t{0}, nullptr, nullptr, hash, key,
                  static_cast<int64_t>(random_()));
  add_order_.run();
  add_payment_.bind(store::part_key(order, 1), int64_t{0}, total, int64_t{100'000'000}, int64_t{0}).run();
}

int64_t io_count(const std::string& name) {
  std::ifstream io("/proc/self/io");
  std::string word;
  int64_t value = 0;
  while (io >> word >> value)
    if (word == name + ":") return value;
  return 0;
}

void measure(RawLoop& loop, double seconds, int group) {
  loop.checkpoint();
  const int64_t written = io_count("write_bytes"), handed = io_count("wchar");
  const auto began = SteadyClock::now();
  const auto taken = [&began] { return std::chrono::duration<double>(SteadyClock::now() - began).count(); };
  int64_t sales = 0;
  for (; taken() < seconds; sales += group) loop.group(group);
  const double took = taken();
  loop.checkpoint();
  std::printf(R"({"sales": %lld, "seconds": %.6f, "write_bytes": %lld, "wchar": %lld})"
              "\n",
              static_cast<long long>(sales), took, static_cast<long long>(io_count("write_bytes") - written),
              static_cast<long long>(io_count("wchar") - handed));
}

}  // namespace
}  // namespace till::bench

int main(int argc, char** argv) {
  using namespace till::bench;
  if (argc != 6) fail("usage: bench_raw_sqlite DATABASE PRODUCTS SECONDS GROUP time|random");
  const int64_t products = std::atoll(argv[2]);
  OfflineShop shop(argv[1], kCacheKib);
  shop.add_products(products);
  RawLoop loop(shop, products, std::string(argv[5]) == "random");
  measure(loop, std::atof(argv[3]), std::atoi(argv[4]));
  return 0;
}
