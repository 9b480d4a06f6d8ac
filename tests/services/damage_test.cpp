// A shop's database under a disk that cannot be trusted: whatever bit flips and wherever a file is cut off, what it
// answers is right, or an error; and what a rebuild saves of it is right, too. TILL_FLIPS sets how many.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "base/log.h"
#include "services/journal.h"
#include "sqlite/examine.h"
#include "sqlite/migrate.h"
#include "sqlite/rescue.h"
#include "store/migrations.h"
#include "store/orders.h"
#include "store/rebuild.h"
#include "support/shop_fixture.h"

namespace till::services {
namespace {

using domain::Role;
using test::line;
using test::paid;

using Files = std::map<std::string, std::string>;
constexpr std::array kSuffixes{"", "-wal", "-shm", "-seal"};

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Files freeze(const std::string& path) {
  Files files;
  for (const char* suffix : kSuffixes)
    if (std::ifstream(path + suffix).good()) files[suffix] = read_all(path + suffix);
  return files;
}

/// A folder in memory where there is one: thousands of databases are thrown away here.
class Bench {
 public:
  Bench() {
    if (mkdtemp(path_.data()) == nullptr) path_ = folder_.file("");
  }
  ~Bench() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string thaw(const Files& files) const {
    const std::string path = file("thawed.db");
    for (const char* suffix : kSuffixes) {
      std::remove((path + suffix).c_str());
      if (const auto found = files.find(suffix); found != files.end())
        std::ofstream(path + suffix, std::ios::binary) << found->second;
    }
    return path;
  }

 private:
  test::TempFolder folder_;
  std::string path_ = "/dev/shm/till-test-XXXXXX";
};

/// Each damage found is logged; thousands of such lines tell a reader nothing.
class Silence {
 public:
  Silence() : kept_(dup(STDERR_FILENO)) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDERR_FILENO);
    close(nowhere);
  }
  ~Silence() {
    log::flush();
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int kept_;
};

/// Sales, a return, a count, edits, a placed order; some of it in the file, some in the log.
struct BusyShop : test::ShopFixture {
  BusyShop() {
    std::vector<domain::Product> goods;
    for (int n = 1; n <= 12; ++n) goods.push_back(add_product("article " + std::to_string(n), 100 * n, 50));
    for (size_t n = 0; n < 20; ++n) sales.push_back(sold({line(goods[n % 12]), line(goods[(n + 5) % 12], 2000)}).id);
    reopen();
    for (size_t n = 0; n < 8; ++n) sales.push_back(sold({line(goods[n], 3000)}).id);
    REQUIRE(change(goods[3], R"({"price": 4711})").ok());
    REQUIRE(book(goods[4], domain::StockEntryKind::count, 33'000).ok());
  }
  std::vector<Uuid> sales;
  [[nodiscard]] std::string path() const { return folder.file("till.db"); }
};

/// Every row of every table, or the error that a start or a query gives instead.
Result<std::string> say_all(const std::string& path) {
  TILL_CHECK(sqlite::examine(path));
  TILL_TRY(const int version, sqlite::inspect(path, store::kMigrations));
  if (version == 0) return Error{.message = "there is no database"};
  TILL_TRY(auto db, sqlite::Connection::open(path, sqlite::Mode::write));
  static std::map<std::string, std::string> selects;  // their texts outlive every connection
  std::string all;
  for (const std::string& table : sqlite::tables_of(*db)) {
    auto [select, is_new] = selects.try_emplace(table);
    if (is_new) {
      auto columns = db->query("SELECT group_concat('quote(' || name || ')', '||') FROM pragma_table_info(?)", table);
      REQUIRE(columns.next());
      select->second = "SELECT " + columns.get<std::string>(0) + " FROM " + table;
    }
    auto query = db->query(select->second.c_str());
    while (query.next()) all += query.get<std::string>(0) + '\n';
    TILL_CHECK(query.status());
  }
  return all;
}

int flips() {
  const char* asked = std::getenv("TILL_FLIPS");
  return asked ? std::atoi(asked) : 10'000;
}

}  // namespace

TEST_CASE("no bit flip and no cut in a shop's files is answered wrongly") {
  BusyShop shop;
  Bench bench;
  const Files live = freeze(shop.path());
  const auto all = say_all(bench.thaw(live));
  REQUIRE_MESSAGE(all.ok(), (all.ok() ? "" : all.error().message));
  shop.close();
  const Files closed = freeze(shop.path());
  const Silence silence;
  std::mt19937_64 random(4);
  int found = 0, harmless = 0;
  for (int i = 0; i < flips(); ++i) {
    Files files = i % 2 == 0 ? live : closed;
    auto file = files.begin();
    std::advance(file, static_cast<long>(random() % files.size()));
    std::string& bytes = file->second;
    if (i % 10 == 0)
      bytes.resize(random() % bytes.size());
    else
      bytes[random() % bytes.size()] ^= static_cast<char>(1U << random() % 8);
    const auto answer = say_all(bench.thaw(files));
    if (answer) CHECK_MESSAGE(*answer == *all, "trial ", i, " in shop.db", file->first);
    answer ? ++harmless : ++found;
  }
  MESSAGE(flips(), " flips and cuts: ", found, " found, ", harmless, " in what nobody reads, 0 answered wrongly");
  CHECK(found > flips() / 2);
}

namespace {

struct Rebuilt {
  bool all_lost = false;  // the schema was hit
  std::vector<std::string> torn;
  store::Salvaged facts;
  std::unique_ptr<sqlite::Connection> db;
};

Result<std::unique_ptr<sqlite::Connection>> make_empty(const std::string& path) {
  for (const char* suffix : kSuffixes) std::remove((path + suffix).c_str());
  TILL_TRY(auto db, sqlite::Connection::open(path, sqlite::Mode::create));
  TILL_TRY(const int ran, sqlite::migrate(*db, store::kMigrations, {1}));
  static_cast<void>(ran);
  return db;
}

Result<Rebuilt> rebuild(const std::string& damaged, const Bench& bench, Random& random, Time now) {
  Rebuilt rebuilt;
  std::remove(bench.file("pages").c_str());
  TILL_TRY(auto rows, make_empty(bench.file("rows")));
  TILL_CHECK(sqlite::gather_pages(damaged, bench.file("pages")));
  auto pages = sqlite::Connection::open(bench.file("pages"), sqlite::Mode::at_rest);
  rebuilt.all_lost = !pages.ok() || sqlite::tables_of(**pages).empty();
  if (pages.ok()) {
    TILL_TRY(auto rescued, sqlite::rescue_rows(**pages, *rows, sqlite::tables_of(*rows)));
    rebuilt.torn = std::move(rescued.torn);
  }
  TILL_TRY(rebuilt.db, make_empty(bench.file("fresh")));
  TILL_TRY(rebuilt.facts, store::rebuild(*rows, *rebuilt.db, {"shop", "main", "A1", "EUR"}, random, now));
  return rebuilt;
}

/// The sales that are there are what they were, the others were counted as lost, the books hold.
void check_rebuilt(const BusyShop& shop, const std::map<Uuid, int64_t>& totals, Rebuilt& rebuilt) {
  const auto identity = store::find_identity(*rebuilt.db);
  REQUIRE(identity.ok());
  REQUIRE(*identity);
  int64_t there = 0;
  for (const Uuid& id : shop.sales) {
    const auto order = store::find_order(*rebuilt.db, **identity, id, store::As::sold);
    REQUIRE(order.ok());
    if (!*order) continue;
    ++there;
    CHECK((*order)->total == totals.at(id));
  }
  CHECK((rebuilt.all_lost || std::ssize(shop.sales) - there <= rebuilt.facts.lost));
  CHECK_FALSE(store::find_unequal_stock(*rebuilt.db).value().has_value());
  const auto report = verify_journal(*rebuilt.db, **identity);
  REQUIRE(report.ok());
  CHECK(report->intact);
  CHECK(rebuilt.db->value<std::string>("PRAGMA integrity_check").value() == "ok");
}

}  // namespace

TEST_CASE("every table is either taken over or made anew in a rebuild") {
  Bench bench;
  auto db = make_empty(bench.file("a.db"));
  REQUIRE(db.ok());
  std::multiset<std::string> known(store::tables_kept().begin(), store::tables_kept().end());
  known.insert(store::tables_made_anew().begin(), store::tables_made_anew().end());
  const auto there = sqlite::tables_of(**db);
  CHECK(known == std::multiset<std::string>(there.begin(), there.end()));
}

TEST_CASE("a rebuild without damage loses nothing") {
  BusyShop shop;
  Bench bench;
  auto rebuilt = rebuild(bench.thaw(freeze(shop.path())), bench, shop.random, shop.clock.now());
  REQUIRE_MESSAGE(rebuilt.ok(), (rebuilt.ok() ? "" : rebuilt.error().message));
  CHECK(rebuilt->torn.empty());
  CHECK(rebuilt->facts.lost == 0);
  std::map<Uuid, int64_t> totals;
  for (const Uuid& id : shop.sales) totals[id] = shop.order(id).total;
  check_rebuilt(shop, totals, *rebuilt);
  CHECK(rebuilt->db->value<int64_t>("SELECT sum(on_hand) FROM stock").value() ==
        shop.db().value<int64_t>("SELECT sum(on_hand) FROM stock").value());
  CHECK(rebuilt->db->value<int64_t>("SELECT price FROM products WHERE sku = 'article 4'").value() == 4711);
  CHECK(rebuilt->db->value<int64_t>("SELECT count(*) FROM users").value() == shop.number("SELECT count(*) FROM users"));
}

TEST_CASE("a rebuild saves all but what stood on the page that was hit, whichever it was") {
  BusyShop shop;
  Bench bench;
  std::map<Uuid, int64_t> totals;
  for (const Uuid& id : shop.sales) totals[id] = shop.order(id).total;
  shop.close();
  const Files whole = freeze(shop.path());
  const size_t pages = whole.at("").size() / 1024;
  const Silence silence;
  size_t harmless = 0, deadly = 0;
  for (size_t page = 0; page < pages; ++page) {
    Files files = whole;
    files[""][page * 1024 + 500] ^= 1;
    auto rebuilt = rebuild(bench.thaw(files), bench, shop.random, shop.clock.now());
    REQUIRE_MESSAGE(rebuilt.ok(), (rebuilt.ok() ? "" : rebuilt.error().message));
    CAPTURE(page);
    check_rebuilt(shop, totals, *rebuilt);
    if (rebuilt->all_lost)
      ++deadly;
    else if (rebuilt->torn.empty() && rebuilt->facts.lost == 0)
      ++harmless;
  }
  MESSAGE(pages, " pages: ", harmless, " of them cost nothing, ", deadly, " of the schema all");
  CHECK(deadly < pages / 3);    // in a shop without a past; its size never changes
  CHECK(harmless > pages / 4);  // indexes, words, free pages
}

TEST_CASE("a rebuild reads behind the break of a log") {
  BusyShop shop;
  Bench bench;
  std::map<Uuid, int64_t> totals;
  for (const Uuid& id : shop.sales) totals[id] = shop.order(id).total;
  Files files = freeze(shop.path());
  files["-wal"][32 + 5 * 1048 + 700] ^= 1;
  const std::string damaged = bench.thaw(files);
  CHECK_FALSE(sqlite::examine(damaged).ok());
  auto rebuilt = rebuild(damaged, bench, shop.random, shop.clock.now());
  REQUIRE_MESSAGE(rebuilt.ok(), (rebuilt.ok() ? "" : rebuilt.error().message));
  check_rebuilt(shop, totals, *rebuilt);
  CHECK(rebuilt->facts.lost <= 3);
}

}  // namespace till::services
