// A shop for tests (support/shop_fixture.h).
#include "support/shop_fixture.h"

#include "access/sqlite_storage.h"
#include "base/log.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"

namespace till::test {
namespace {

constexpr int64_t kPlenty = 1'000'000'000'000;  // the most that a payment may be

}  // namespace

ShopFixture::ShopFixture(services::Settings wanted) : settings(std::move(wanted)) {
  log::set_level(log::Level::error);
  settings.data_dir = folder.file("");
  open();
  hire();
}

ShopFixture::~ShopFixture() { close(); }

void ShopFixture::open() {
  const std::string path = folder.file("till.db");
  auto db = sqlite::Connection::open(path, sqlite::Mode::create);
  REQUIRE(db.ok());
  REQUIRE(sqlite::migrate(**db, store::kMigrations, clock.now()).ok());
  auto known = store::find_identity(**db).value();
  identity = known ? *known : store::create_identity(**db, {"shop", "main", "A1", "EUR"}, random, clock.now()).value();
  writer = std::make_unique<sqlite::Writer>(std::move(*db), sqlite::WriterOptions{});
  readers = std::make_unique<sqlite::Readers>(path, *writer, 512);
  shop = std::make_unique<services::Shop>(services::Context{clock, ids, settings, identity, *writer, *readers, events});
  REQUIRE(shop->load(writer->connection()).ok());
  writer->on_lost([this](sqlite::Connection& lost) { return shop->load(lost); });
  writer->start();
}

void ShopFixture::close() {
  if (writer) writer->stop();
  shop.reset();
  readers.reset();
  writer.reset();
}

void ShopFixture::restore() {
  REQUIRE(write([&] { return store::begin_epoch(tx(), random, clock.now()); }).ok());
  reopen();
}

void ShopFixture::hire() {
  access::SqliteStorage users([this]() -> Result<sqlite::Connection*> { return &tx(); });
  for (const std::string_view name : EnumNames<Role>::names) {
    domain::User user;
    user.id = ids.next();
    user.version = 1;
    user.email = std::string(name) + "@shop.test";
    user.name = name;
    user.role = *parse_enum<Role>(name);
    REQUIRE(write([&] { return users.add_user(user); }).ok());
    callers_.push_back({.user = user.row, .id = user.id, .rights = domain::rights_of(user.role), .name = user.name});
  }
}

void ShopFixture::run_sql(const std::string& sql) {
  const Status done = write([&] { return tx().execute(sql); });
  REQUIRE_MESSAGE(done.ok(), sql);
}

Result<domain::Product> ShopFixture::add(domain::Product product) {
  return write([&] { return shop->catalogue.add_product(std::move(product), caller(Role::manager)); });
}

domain::Product ShopFixture::add_product(const std::string& name, int64_t price, int64_t pieces,
                                         domain::StockPolicy policy) {
  domain::Product product;
  product.name = product.sku = name;
  product.price = price;
  product.stock = pieces * domain::kQuantityOne;
  product.stock_policy = policy;
  auto added = add(std::move(product));
  REQUIRE(added.ok());
  return *added;
}

Result<domain::Product> ShopFixture::change(const domain::Product& product, const std::string& patch) {
  auto wanted = patch_from_json<domain::Product>(*parse_json(patch));
  REQUIRE(wanted.ok());
  return write(
      [&] { return shop->catalogue.change_product(product.id, product.version, *wanted, caller(Role::manager)); });
}

Result<Sold> ShopFixture::sell(const domain::OrderDraft& draft, Role role, const std::optional<http::OnceKey>& once) {
  return write([&] { return shop->selling.sell(draft, caller(role), once); });
}

domain::Order ShopFixture::sold(std::vector<domain::LineDraft> lines) {
  auto made = sell(paid(std::move(lines)));
  REQUIRE(made.ok());
  return made->order;
}

Result<Sold> ShopFixture::take_back(const Uuid& sale, std::vector<domain::ReturnLineDraft> lines,
                                    const std::optional<http::OnceKey>& once) {
  const domain::ReturnDraft draft{.lines = std::move(lines), .reason = "too small"};
  return write([&] { return shop->returns.take_back(sale, draft, caller(Role::cashier), once); });
}

Result<Sold> ShopFixture::take_back_blind(std::vector<domain::BlindLineDraft> lines,
                                          const std::optional<http::OnceKey>& once) {
  const domain::BlindReturnDraft draft{.lines = std::move(lines), .reason = "bought elsewhere"};
  return write([&] { return shop->returns.take_back_blind(draft, caller(Role::manager), once); });
}

Result<Sold> ShopFixture::void_sale(const Uuid& sale, const std::optional<http::OnceKey>& once) {
  return write([&] { return shop->returns.void_sale(sale, {.reason = "wrong key"}, caller(Role::manager), once); });
}

Result<domain::Stock> ShopFixture::book(const domain::Product& product, domain::StockEntryKind kind, int64_t quantity) {
  return write([&] {
    return shop->inventory.book(product.id, kind, {.quantity = quantity, .reason = "a reason"},
                                caller(Role::inventory_manager));
  });
}

void ShopFixture::check_books() {
  const auto report = shop->journal.verify().value();
  CHECK(report.fault == "");
  CHECK(report.intact);
  CHECK_FALSE(store::find_unequal_stock(db()).value());
}

domain::LineDraft line(const domain::Product& product, int64_t quantity) {
  domain::LineDraft draft;
  draft.product_id = product.id;
  draft.quantity = quantity;
  return draft;
}

domain::OrderDraft paid(std::vector<domain::LineDraft> lines) {
  return {.lines = std::move(lines), .payments = {{.tendered = kPlenty}}};
}

http::OnceKey once(const std::string& key, uint64_t body_hash) { return {.key = key, .body_hash = body_hash}; }

std::vector<std::string> faults(const Error& error) {
  std::vector<std::string> found;
  for (const FieldError& field : error.fields) found.push_back(field.pointer + " " + field.code);
  return found;
}

}  // namespace till::test
