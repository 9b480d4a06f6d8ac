// Imports as a shop does them: whole files, bad rows, a stop in the middle, a full disk, sales meanwhile, and back out.
#include "services/imports.h"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "services/shop.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "support/temp_folder.h"

using namespace till;
using namespace till::services;
using domain::Import;
using domain::ImportRow;
using domain::ImportStatus;
using domain::Product;
using domain::RowResult;

namespace {

constexpr auto kPatience = std::chrono::seconds(60);

/// A shop with its writer and its imports, which can be stopped and begun again over the same files.
class ImportingShop {
 public:
  explicit ImportingShop(std::string currency = "EUR") : currency_(std::move(currency)) { begin(); }
  ~ImportingShop() { end(); }

  void begin() {
    settings.data_dir = folder_.file("");
    const std::string path = folder_.file("till.db");
    auto db = sqlite::Connection::open(path, sqlite::Mode::create).value();
    REQUIRE(sqlite::migrate(*db, store::kMigrations, clock_.now()).ok());
    auto identity = store::find_identity(*db).value();
    identity_ =
        identity ? *identity : store::create_identity(*db, {"t", "s", "n", currency_}, random_, clock_.now()).value();
    writer = std::make_unique<sqlite::Writer>(std::move(db), sqlite::WriterOptions{});
    readers_ = std::make_unique<sqlite::Readers>(path, *writer, 1024);
    shop = std::make_unique<Shop>(Context{clock_, ids_, settings, identity_, *writer, *readers_, events_});
    REQUIRE(shop->load(writer->connection()).ok());
    writer->on_lost([this](sqlite::Connection& lost) { return shop->load(lost); });
    writer->start();
    imports = std::make_unique<Imports>(shop->context(), shop->catalogue, [] { return Status{}; });
    REQUIRE(imports->resume().ok());
  }
  void end() {
    imports->stop();
    writer->stop();
    imports.reset();
    shop.reset();
    readers_.reset();
    writer.reset();
  }

  std::string upload(const std::string& content) {
    const std::string path = folder_.file("upload");
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  /// A job that has begun; how it goes on is seen by job().
  Uuid begin_import(const std::string& content, bool create_only = false) {
    auto file = imports->keep_file(upload(content));
    REQUIRE(file.ok());
    REQUIRE(writer
                ->run([&](sqlite::Connection&) -> Status {
                  return status_of(imports->add_import(*file, create_only, caller));
                })
                .ok());
    imports->start();
    return file->id();
  }
  Import job(const Uuid& id) { return imports->get_import(id).value(); }
  Import wait(const Uuid& id) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (job(id).status == ImportStatus::running && std::chrono::steady_clock::now() < limit)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    REQUIRE(job(id).status != ImportStatus::running);
    return job(id);
  }
  Import import(const std::string& content, bool create_only = false) {
    return wait(begin_import(content, create_only));
  }

  std::vector<ImportRow> rows(const Import& job, std::optional<RowResult> result = {}) {
    std::vector<ImportRow> all;
    domain::Slice slice{.cursor = 0, .limit = 200};
    do {
      auto page = imports->list_rows(job.id, result, slice).value();
      std::move(page.items.begin(), page.items.end(), std::back_inserter(all));
      slice.cursor = page.next;
    } while (slice.cursor != 0);
    return all;
  }
  Product product(const std::string& sku) { return shop->catalogue.get_product_by_sku(sku).value(); }
  bool has(const std::string& sku) { return shop->catalogue.get_product_by_sku(sku).ok(); }
  Status sell(const std::string& sku) {
    domain::OrderDraft draft;
    draft.lines.emplace_back().sku = sku;
    draft.payments.emplace_back().tendered = 100'000;
    return writer->run([&](sqlite::Connection&) -> Status { return status_of(shop->selling.sell(draft, caller, {})); });
  }
  /// What lies in the folder of imports once nobody works any more: a file goes after the end of its job is written.
  size_t files_left() {
    imports->stop();
    using Folder = std::filesystem::directory_iterator;
    return static_cast<size_t>(std::distance(Folder(import_file("")), Folder()));
  }
  std::string import_file(const std::string& name) const { return folder_.file("imports/" + name); }

  const http::Caller caller{.user = 7, .rights = domain::rights_of(domain::Role::manager)};
  Settings settings;
  std::unique_ptr<sqlite::Writer> writer;
  std::unique_ptr<Shop> shop;
  std::unique_ptr<Imports> imports;

 private:
  template <class T>
  static Status status_of(const Result<T>& result) {
    return result.ok() ? Status{} : Status{result.error()};
  }

  test::TempFolder folder_;
  const std::string currency_;
  test::FakeClock clock_;
  test::FakeRandom random_;
  IdSource ids_{clock_, random_};
  store::Identity identity_;
  std::unique_ptr<sqlite::Readers> readers_;
  http::EventFeed events_;
};

std::string many_rows(int count) {
  std::string text = "sku,name,price,stock\n";
  for (int n = 0; n < count; ++n) {
    const std::string number = std::to_string(n);
    text += "N" + number + ",Thing " + number + ",1.50,3\n";
  }
  return text;
}

}  // namespace

TEST_CASE("every column of a row arrives in the product") {
  ImportingShop shop;
  const Import job = shop.import(
      "sku,name,barcodes,price,tax_class,brand,description,category,unit,stock_policy,low_stock,active,stock\n"
      "A1,Blue cup,4006381333931 200,2.55,standard,Potters,For tea,Home > Cups | "
      "Gifts,weighed,block,1.5,false,12.25\n");
  CHECK(job.status == ImportStatus::done);
  CHECK(job.total == 1);
  CHECK(job.created == 1);
  const Product cup = shop.product("A1");
  CHECK(cup.name == "Blue cup");
  CHECK(cup.slug == "blue-cup");
  CHECK(cup.barcodes == std::vector<std::string>{"4006381333931", "200"});
  CHECK(cup.price == 255);
  CHECK(cup.brand == "Potters");
  CHECK(cup.description == "For tea");
  CHECK(cup.unit == domain::Unit::weighed);
  CHECK(cup.stock_policy == domain::StockPolicy::block);
  CHECK(cup.low_stock == 1'500);
  CHECK_FALSE(cup.active);
  CHECK(cup.on_hand == 12'250);
  REQUIRE(cup.category_ids.size() == 2);
  const auto cups = shop.shop->catalogue.get_category(cup.category_ids[0]).value();
  CHECK(cups.name == "Cups");
  CHECK(shop.shop->catalogue.get_category(*cups.parent_id)->name == "Home");
  CHECK(shop.shop->catalogue.product_history(cup.id, {})->items.size() == 1);
  CHECK(shop.files_left() == 0);
}

TEST_CASE("a file says all, nothing or something about a product that is there") {
  ImportingShop shop;
  shop.import("sku,name,price,brand,low_stock,category,barcodes,stock\nA1,Cup,1.00,Potters,2,Home,111,5\n");
  const Product before = shop.product("A1");

  SUBCASE("the same again writes no version") {
    const Import job = shop.import("price,sku,name,brand\n1.00,A1,Cup,Potters\n");
    CHECK(job.unchanged == 1);
    CHECK(shop.product("A1").version == before.version);
  }
  SUBCASE("columns that are not there leave their fields alone, empty cells empty them or say nothing") {
    const Import job = shop.import("sku,name,price,brand,low_stock,category\nA1,Mug,1.00,,,\n");
    CHECK(job.updated == 1);
    const Product after = shop.product("A1");
    CHECK(after.name == "Mug");
    CHECK(after.slug == before.slug);
    CHECK(after.brand.empty());
    CHECK(after.low_stock == before.low_stock);
    CHECK(after.category_ids.empty());
    CHECK(after.barcodes == before.barcodes);
    CHECK(shop.shop->catalogue.product_history(before.id, {})->items.size() == 2);
  }
  SUBCASE("stock is not set by a file") {
    const Import job = shop.import("sku,name,price,stock\nA1,Cup,1.00,99\n");
    CHECK(job.unchanged == 1);
    CHECK(shop.product("A1").on_hand == 5'000);
  }
  SUBCASE("what is fixed at creation may be said again but not changed") {
    CHECK(shop.import("sku,name,price,unit\nA1,Cup,1.00,piece\n").unchanged == 1);
    const Import job = shop.import("sku,name,price,unit\nA1,Cup,1.00,weighed\n");
    REQUIRE(job.refused == 1);
    CHECK(shop.rows(job)[0].field == "unit");
    CHECK(shop.rows(job)[0].code == "read_only");
  }
  SUBCASE("create_only refuses it") {
    const Import job = shop.import("sku,name,price\nA1,Mug,1.00\nA2,New,1.00\n", true);
    CHECK(job.created == 1);
    REQUIRE(job.refused == 1);
    CHECK(shop.rows(job)[0].code == "exists");
    CHECK(shop.product("A1").name == "Cup");
  }
}

TEST_CASE("each bad row is refused with its line, field and reason, and takes nothing with it") {
  struct Bad {
    std::string row, field, code;
  };
  const std::string deep = "a>b>c>d>e>f>g>h>i>j>k>l>m>n>o>p>q";
  const std::vector<Bad> kBad{
      {"B1,,1.00,,,,,,,,", "name", "too_short"},
      {"B2," + std::string(201, 'x') + ",1.00,,,,,,,,", "name", "too_long"},
      {"B3,4111 1111 1111 1111,1.00,,,,,,,,", "name", "card_number"},
      {"B4,A\x01,1.00,,,,,,,,", "name", "characters"},
      {",No SKU,1.00,,,,,,,,", "sku", "too_short"},
      {std::string(65, 'S') + ",Long SKU,1.00,,,,,,,,", "sku", "too_long"},
      {"Größe,SKU of letters,1.00,,,,,,,,", "sku", "characters"},
      {"B5,X,,,,,,,,,", "price", "number"},
      {"B6,X,ten,,,,,,,,", "price", "number"},
      {"B7,X,\"1,00\",,,,,,,,", "price", "number"},
      {"B8,X,-1.00,,,,,,,,", "price", "range"},
      {"B9,X,1.005,,,,,,,,", "price", "sub_penny"},
      {"B10,X,10000000.01,,,,,,,,", "price", "range"},
      {"B11,X,99999999999999999999,,,,,,,,", "price", "range"},
      {"B12,X,1.00,windows,,,,,,,", "tax_class", "unknown_tax_class"},
      {"B13,X,1.00,,1 2 1,,,,,,", "barcodes", "twice"},
      {"B14,X,1.00,," + std::string(49, '9') + ",,,,,,", "barcodes", "too_long"},
      {"B15,X,1.00,,777,,,,,,", "barcodes", "taken"},
      {"B16,X,1.00,,,mood,,,,,", "unit", "value"},
      {"B17,X,1.00,,,,never,,,,", "stock_policy", "value"},
      {"B18,X,1.00,,,,,-1,,,", "low_stock", "range"},
      {"B19,X,1.00,,,,,,maybe,,", "active", "value"},
      {"B20,X,1.00,,,,,,,many,", "stock", "number"},
      {"B21,X,1.00,,,,,,,-1,", "stock", "range"},
      {"B22,X,1.00,,,,,,,1.2345,", "stock", "too_fine"},
      {"B23,X,1.00,,,,,,,," + deep, "category", "too_deep"},
      {"B24,X,1.00,,,,,,,,New > " + std::string(121, 'c'), "category", "too_long"},
      {"B25,X,1.00", "", "csv"},
      {"B26,\"X\" Y,1.00,,,,,,,,", "", "csv"},
      {"B27,Caf\xe9,1.00,,,,,,,,", "", "csv"},
  };
  ImportingShop shop;
  shop.import("sku,name,price,barcodes\nTAKEN,Has the code,1.00,777\n");
  std::string file = "sku,name,price,tax_class,barcodes,unit,stock_policy,low_stock,active,stock,category\n";
  for (size_t n = 0; n < kBad.size(); ++n)
    file += kBad[n].row + "\nGOOD" + std::to_string(n) + ",Good,1.00,,,,,,,,Shelf\n";
  const Import job = shop.import(file);
  CHECK(job.status == ImportStatus::done);
  CHECK(job.total == static_cast<int64_t>(2 * kBad.size()));
  CHECK(job.created == static_cast<int64_t>(kBad.size()));
  const auto refused = shop.rows(job, RowResult::refused);
  REQUIRE(refused.size() == kBad.size());
  for (size_t n = 0; n < kBad.size(); ++n) {
    CAPTURE(kBad[n].row);
    CHECK(refused[n].line == static_cast<int64_t>(2 + 2 * n));
    CHECK(refused[n].field == kBad[n].field);
    CHECK(refused[n].code == kBad[n].code);
    CHECK_FALSE(refused[n].detail.empty());
    CHECK(refused[n].sku ==
          (kBad[n].code == "csv" ? "" : kBad[n].row.substr(0, std::min<size_t>(64, kBad[n].row.find(',')))));
  }
  // "New" was made for B24 and went with it.
  const auto categories = shop.shop->catalogue.list_categories({}).value().items;
  REQUIRE(categories.size() == 1);
  CHECK(categories[0].name == "Shelf");
}

TEST_CASE("files as spreadsheets write them") {
  ImportingShop shop;
  SUBCASE("byte order mark, semicolons, CRLF, line breaks in a cell, formulas as data") {
    const Import job = shop.import(
        "\xef\xbb\xbfsku;name;price;description;active\r\nA1;\"=1+1\";2.50;\"two\nlines; \"\"quoted\"\"\";TRUE\r\n"
        "A2;-SUM(A1);1.00;;FALSE\r\n");
    CHECK(job.created == 2);
    CHECK(shop.product("A1").name == "=1+1");
    CHECK(shop.product("A1").description == "two\nlines; \"quoted\"");
    CHECK(shop.product("A2").name == "-SUM(A1)");
    CHECK(shop.rows(job)[1].line == 4);
  }
  SUBCASE("a SKU that comes twice is changed by its second row") {
    const Import job = shop.import("sku,name,price,stock\nA1,First,1.00,5\nA1,Second,2.00,7\n");
    CHECK(job.created == 1);
    CHECK(job.updated == 1);
    CHECK(shop.product("A1").price == 200);
    CHECK(shop.product("A1").on_hand == 5'000);
  }
  SUBCASE("a header and nothing else is done at once") {
    const Import job = shop.import("sku,name,price\n");
    CHECK(job.status == ImportStatus::done);
    CHECK(job.total == 0);
  }
}

TEST_CASE("a file that cannot be one of products fails as a whole, with the reason") {
  const std::pair<std::string, std::string> kFiles[] = {
      {"sku,name,price,colour\nA1,X,1.00,red\n", "The column colour is not known"},
      {"sku,name\nA1,X\n", "The column price is missing"},
      {"sku,name,price,sku\nA1,X,1.00,A2\n", "The column sku appears twice"},
      {"", "The file has no header line"},
      {std::string(60'000, 'c') + "\nA1\n", "The column " + std::string(289, 'c')},
  };
  ImportingShop shop;
  for (const auto& [content, reason] : kFiles) {
    const Import job = shop.import(content);
    CHECK(job.status == ImportStatus::failed);
    CHECK(job.message == reason);
    CHECK(shop.rows(job).empty());
  }
  CHECK_FALSE(shop.has("A1"));
  CHECK(shop.files_left() == 0);
}

TEST_CASE("money has the digits of the store's currency") {
  ImportingShop yen("JPY");
  const Import job = yen.import("sku,name,price\nA1,Cup,250\nA2,Half,2.5\n");
  CHECK(yen.product("A1").price == 250);
  CHECK(yen.rows(job)[1].code == "sub_penny");
}

TEST_CASE("a stop in the middle: the next start goes on there, nothing is lost or done twice") {
  ImportingShop shop;
  constexpr int kRows = 5'000;
  const Uuid id = shop.begin_import(many_rows(kRows));
  int stops = 0;
  while (shop.job(id).status == ImportStatus::running) {
    const int64_t before = shop.job(id).next_record;
    while (shop.job(id).next_record < before + 1'000 && shop.job(id).status == ImportStatus::running)
      std::this_thread::yield();
    shop.end();
    shop.begin();
    ++stops;
  }
  CHECK(stops > 2);
  const Import job = shop.job(id);
  CHECK(job.status == ImportStatus::done);
  CHECK(job.total == kRows);
  CHECK(job.created == kRows);
  const auto rows = shop.rows(job);
  REQUIRE(rows.size() == kRows);
  for (int n = 0; n < kRows; ++n) REQUIRE(rows[static_cast<size_t>(n)].sku == "N" + std::to_string(n));
  CHECK(shop.product("N0").on_hand == 3'000);
  CHECK(shop.product("N4999").on_hand == 3'000);
  CHECK(shop.files_left() == 0);
}

TEST_CASE("a start forgets files that no job has, and fails a job whose file is gone") {
  ImportingShop shop;
  std::ofstream(shop.import_file("0190a000-0000-7000-8000-000000000000.csv")) << "left by a kill before the commit";
  std::ofstream(shop.import_file("left-over.tmp")) << "x";
  Uuid id;
  {
    auto file = shop.imports->keep_file(shop.upload("sku,name,price\n"));
    REQUIRE(file.ok());
    id = file->id();
    REQUIRE(shop.writer
                ->run([&](sqlite::Connection&) -> Status {
                  TILL_TRY(const Import job, shop.imports->add_import(*file, false, shop.caller));
                  return {};
                })
                .ok());
  }
  REQUIRE(std::filesystem::remove(shop.import_file(to_string(id) + ".csv")));
  shop.end();
  shop.begin();
  CHECK(shop.wait(id).message == "The file of this import is gone");
  CHECK(shop.files_left() == 0);
}

TEST_CASE("an upload that no job takes leaves nothing behind, one that cannot be kept says no path") {
  ImportingShop shop;
  static_cast<void>(shop.imports->keep_file(shop.upload("sku,name,price\n")));
  CHECK(shop.files_left() == 0);
  const auto refused = shop.imports->keep_file(shop.import_file("none"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find('/') == std::string::npos);
}

TEST_CASE("what an import changed goes to the hub by a way of its own, in the name of who began it") {
  ImportingShop shop;
  const Uuid user = *parse_uuid("01234567-0000-7000-8000-000000000001");
  REQUIRE(shop.writer
              ->run([&](sqlite::Connection& tx) -> Status {
                TILL_CHECK(tx.run("INSERT INTO users VALUES (7, ?, 1, 0, 0, 'a@b', 'Ann', 3, 1, 0, '', '', '')", user));
                return tx.run("INSERT INTO meta VALUES ('attached_at', 1)");
              })
              .ok());
  const auto edits = [&shop](core::Stream stream) {
    std::vector<core::RowEdit> found;
    auto* db = shop.shop->context().read().value();
    const auto envelopes = outbox::load_edits(*db, stream, 1, 99).value();
    for (const core::Envelope& e : envelopes) found.push_back(core::read_edit(e.body).value());
    return found;
  };
  CHECK(shop.import("sku,name,price,category\ncup,Cup,1.00,Kitchen\n").created == 1);
  REQUIRE(edits(core::Stream::bulk).size() == 2);
  CHECK(edits(core::Stream::bulk)[0].entity == core::Entity::category);
  CHECK(edits(core::Stream::bulk)[1].action == core::Action::create);
  CHECK(edits(core::Stream::bulk)[1].user == user);
  CHECK(shop.import("sku,name,price,category\ncup,Cup,2.00,Kitchen\n").updated == 1);
  CHECK(shop.import("sku,name,price,category\ncup,Cup,2.00,Kitchen\n").unchanged == 1);
  REQUIRE(edits(core::Stream::bulk).size() == 3);
  CHECK(edits(core::Stream::bulk)[2].fields.size() == 1);
  CHECK(edits(core::Stream::shop).empty());
}

TEST_CASE("sales go on while thousands of rows come in") {
  ImportingShop shop;
  shop.import("sku,name,price,stock\nSOLD,Coffee,3.00,10000\n");
  const Uuid id = shop.begin_import(many_rows(5'000));
  int sales = 0;
  bool between = false;  // a sale was answered while some rows were in and some were not
  while (shop.job(id).status == ImportStatus::running) {
    REQUIRE(shop.sell("SOLD").ok());
    ++sales;
    const Import now = shop.job(id);
    between |= now.created > 0 && now.created < 5'000;
  }
  CHECK(between);
  CHECK(shop.job(id).created == 5'000);
  CHECK(shop.product("SOLD").on_hand == 10'000'000 - sales * 1'000);
  const auto report = shop.shop->journal.verify().value();
  CHECK(report.intact);
  CHECK(report.receipts == sales);
}

TEST_CASE("on a full disk the job fails with what it did so far, and the shop goes on when there is room again") {
  ImportingShop shop;
  auto limit_pages = [&](const std::string& pages) {
    REQUIRE(
        shop.writer->run([&](sqlite::Connection& db) { return db.execute("PRAGMA max_page_count = " + pages); }).ok());
  };
  shop.import("sku,name,price,stock\nSOLD,Coffee,3.00,100\n");
  int64_t pages = 0;
  REQUIRE(shop.writer
              ->run([&](sqlite::Connection& db) -> Status {
                TILL_TRY(const auto count, db.value<int64_t>("PRAGMA page_count"));
                pages = count.value_or(0);
                return {};
              })
              .ok());
  limit_pages(std::to_string(pages + 200));

  const Import job = shop.import(many_rows(5'000));
  CHECK(job.status == ImportStatus::failed);
  CHECK(job.message == "The disk is full");
  CHECK(job.total == 5'000);
  CHECK(job.created > 0);
  CHECK(job.created % 64 == 0);
  CHECK(static_cast<int64_t>(shop.rows(job).size()) == job.created);
  CHECK(shop.has("N" + std::to_string(job.created - 1)));
  CHECK_FALSE(shop.has("N" + std::to_string(job.created)));

  limit_pages("1000000");
  CHECK(shop.sell("SOLD").ok());
  CHECK(shop.import(many_rows(5'000)).unchanged == job.created);
}

TEST_CASE("what an export writes an import finds unchanged, and makes the same in another shop") {
  ImportingShop shop;
  shop.import(
      "sku,name,barcodes,price,brand,description,category,unit,stock_policy,low_stock,active,stock\n"
      "A1,\"Cup, blue\",A\\ B\\\\C 123,2.50,=Brand,\"line\nline \"\"q\"\"\",Sizes \\> 40 > a\\|b | "
      "Gifts,piece,warn,0,true,3\n"
      "A2,Potatoes,,0.00,,,\\ outer\\ ,weighed,allow,0.5,false,1.234\n"
      "A3,Oversold,555,1.05,,,,piece,warn,0,true,0\n");
  REQUIRE(shop.sell("A3").ok());
  CHECK(shop.product("A1").barcodes == std::vector<std::string>{"A B\\C", "123"});
  CHECK(shop.shop->catalogue.get_category(shop.product("A2").category_ids[0])->name == " outer ");

  const std::string file = shop.imports->export_products().value();
  const Import again = shop.import(file);
  CHECK(again.total == 3);
  CHECK(again.unchanged == 3);

  ImportingShop other;
  CHECK(other.import(file).created == 3);
  // A3 was sold below zero: its stock is left empty, so that the other shop begins with none of it.
  CHECK(other.imports->export_products().value() == file.substr(0, file.rfind(",\r\n")) + ",0\r\n");
  CHECK(products_as_csv(other.shop->catalogue, "EUR", 100).error().code == Code::too_large);
}
