#include "crash/node.h"

#include "access/sqlite_storage.h"
#include "cli/restore.h"
#include "sqlite/backup.h"
#include "sqlite/examine.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "store/reservations.h"
#include "sync/node/attach.h"

namespace till::crash {
namespace {

constexpr int64_t kPlenty = 1'000'000'000;
constexpr int64_t kBusinessDate = 20260105;

void fault_if(Found& found, bool wrong, const std::string& what) {
  if (wrong) found.faults.push_back(what);
}

int64_t number(sqlite::Connection& db, const char* sql) {
  const auto value = db.value<int64_t>(sql);
  return value && *value ? **value : -1;
}

std::string product_name(const Uuid& id) { return "product " + to_string(id); }

}  // namespace

Promise promise_of(const domain::Order& order) {
  if (order.receipt_n == 0) return {.what = "placed " + to_string(order.id), .version = order.version};
  return {.what = "order " + to_string(order.id) + " " + order.receipt_number + " " + to_hex(order.hash)};
}

Promise promise_of(const domain::Product& product) {
  return {.what = product_name(product.id), .version = product.version};
}

// The order is that of cli/app.cpp.
Status Node::start() {
  TILL_CHECK(cli::finish_replacing(kFolder, clock.now()));
  TILL_CHECK(sqlite::examine(file));
  TILL_TRY(const int version, sqlite::inspect(file, store::kMigrations));
  static_cast<void>(version);
  TILL_TRY(auto opened, sqlite::Connection::open(file, sqlite::Mode::create, 512));
  TILL_TRY(const int ran, sqlite::migrate(*opened, store::kMigrations, clock.now()));
  static_cast<void>(ran);
  TILL_TRY(auto known, store::find_identity(*opened));
  if (!known) {
    TILL_CHECK(sqlite::transact(*opened, [&](sqlite::Connection& tx) -> Status {
      TILL_TRY(known, store::create_identity(tx, {"shop", "main", name_, "EUR"}, random, clock.now()));
      return {};
    }));
  }
  identity = *known;
  writer = std::make_unique<sqlite::Writer>(std::move(opened), options_);
  readers = std::make_unique<sqlite::Readers>(file, *writer, 512);
  shop = std::make_unique<services::Shop>(services::Context{clock, ids, settings, identity, *writer, *readers, events});
  TILL_CHECK(shop->load(db()));
  replica.emplace(identity, shop->journal, clock, random);
  writer->on_lost([this](sqlite::Connection& lost) -> Status {
    TILL_CHECK(replica->reload(lost));
    return shop->load(lost);
  });
  return find_manager();
}

void Node::stop() {
  if (writer) writer->stop();
  replica.reset();
  shop.reset();
  readers.reset();
  writer.reset();
}

Status Node::hire() {
  access::SqliteStorage users([this]() -> Result<sqlite::Connection*> { return &db(); });
  domain::User user;
  user.id = ids.next();
  user.version = 1;
  user.email = user.name = "manager@shop.test";
  user.role = domain::Role::manager;
  return users.add_user(user);
}

Status Node::find_manager() {
  auto user = db().query("SELECT row, id, name FROM users LIMIT 1");
  if (user.next()) user.read(manager.user, manager.id, manager.name);
  manager.rights = domain::rights_of(domain::Role::manager);
  return user.status();
}

void Node::attach() { must(node::attach(db(), ids, clock, kBusinessDate), "attach"); }

domain::Product Node::add_product(const std::string& name, int64_t price, int64_t pieces, domain::StockPolicy policy) {
  domain::Product product;
  product.name = product.sku = name;
  product.price = price;
  product.stock = pieces * domain::kQuantityOne;
  product.stock_policy = policy;
  return must(alone([&] { return shop->catalogue.add_product(product, manager); }), name);
}

domain::OrderDraft Node::sale_of(const domain::Product& product, int64_t pieces) const {
  domain::LineDraft line;
  line.product_id = product.id;
  line.quantity = pieces * domain::kQuantityOne;
  return {.lines = {line}, .payments = {{.tendered = kPlenty}}};
}

// ---- after a restart

void Node::look(Found& found) {
  const std::string damage = integrity_of(db());
  fault_if(found, !damage.empty(), "integrity: " + damage);
  const auto journal = services::verify_journal(db(), identity);
  fault_if(found, !journal || !journal->intact, "journal: " + (journal ? journal->fault : journal.error().message));
  const auto stock = store::find_unequal_stock(db());
  fault_if(found, !stock || *stock, "a stock is not the sum of its ledger");
  const auto reserved = store::find_unequal_reserved(db());
  fault_if(found, !reserved || *reserved, "what is reserved is not the sum of the reservations");
  const Status words =
      db().execute("BEGIN; INSERT INTO product_words (product_words, rank) VALUES ('integrity-check', 1); ROLLBACK");
  fault_if(found, !words, "the words of products are damaged");
  look_at_backups(found);
  look_at_orders(found);
  look_at_sync(found);
  found.rows = rows_of(db());
}

void Node::look_at_orders(Found& found) {
  auto orders = db().query("SELECT id FROM orders");
  while (orders.next()) {
    const auto order = store::get_order(db(), identity, orders.get<Uuid>(0), store::As::now);
    if (order) found.holds[promise_of(*order).what] = order->version;
  }
  fault_if(found, !orders.status().ok(), "orders cannot be read");
  fault_if(found,
           number(db(),
                  "SELECT count(*) FROM order_lines l LEFT JOIN orders o ON o.row = l.row >> 12"
                  " WHERE o.row IS NULL") != 0,
           "a line of a refused sale is there");
  fault_if(found, number(db(), "SELECT count(*) FROM products WHERE brand = 'refused'") != 0,
           "a refused edit is there");
  auto placed = db().query("SELECT id, coalesce(version_now, version) FROM placed_orders");
  while (placed.next()) found.holds["placed " + to_string(placed.get<Uuid>(0))] = placed.get<int64_t>(1);
  auto products = db().query("SELECT id, version FROM products");
  while (products.next()) found.holds[product_name(products.get<Uuid>(0))] = products.get<int64_t>(1);
  fault_if(found,
           number(db(),
                  "SELECT count(*) FROM placed_orders p LEFT JOIN orders o ON o.id = p.id"
                  " WHERE (p.sold IS NOT NULL) <> (o.row IS NOT NULL)") != 0,
           "a placed order was sold by half");
}

void Node::look_at_backups(Found& found) {
  const Tree files = Disk::current()->tree();
  for (const auto& [name, content] : files.names) {
    if (!name.starts_with(kBackups) || !name.ends_with(".db")) continue;
    const auto version = sqlite::inspect(name, store::kMigrations);
    const bool whole = version && *version > 0 && sqlite::check_file(name).ok();
    fault_if(found, !whole, name + ": is no whole backup");
    found.holds[name] = 1;
  }
}

void Node::look_at_sync(Found& found) {
  found.holds["epochs"] = number(db(), "SELECT count(*) FROM epochs");
  const auto state = replica->load_state(db());
  fault_if(found, !state, "the replica's state cannot be read");
  if (!state) return;
  for (const core::Stream stream : core::kStreams)
    found.holds["acked " + std::string(to_string(stream))] = state->streams[core::index_of(stream)].acked;
  for (const core::Scope scope : core::kScopes)
    found.holds["rev " + std::to_string(core::index_of(scope))] = state->scopes[core::index_of(scope)].cursor.rev;
  fault_if(found,
           number(db(),
                  "SELECT count(*) FROM sync_streams s WHERE stream > 0 AND (SELECT count(*) FROM outbox o WHERE"
                  " o.stream = s.stream AND o.seq > s.backed AND o.seq > s.landed) <> head - max(backed, landed)") != 0,
           "an edit is missing in the outbox");
}

// Sells one more thing: it has to get the receipt number that is due.
Status Node::work_on() {
  if (manager.id.is_nil()) {
    TILL_CHECK(alone([&] { return hire(); }));
    TILL_CHECK(find_manager());
  }
  const auto newest = db().value<int64_t>("SELECT max(receipt_n) FROM orders WHERE epoch = ?", identity.epoch_row);
  if (!newest) return newest.error();
  const int64_t due = newest->value_or(0) + 1;
  const std::string name = "one more " + std::to_string(due);
  domain::Product product;
  product.name = product.sku = name;
  TILL_TRY(product, alone([&] { return shop->catalogue.add_product(product, manager); }));
  TILL_TRY(const auto sold, alone([&] { return shop->selling.sell(sale_of(product, 1), manager, std::nullopt); }));
  if (sold.order.receipt_n != due)
    return Error{.message = "receipt " + std::to_string(sold.order.receipt_n) + " instead of " + std::to_string(due)};
  return {};
}

}  // namespace till::crash
