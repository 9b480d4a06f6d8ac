#include "sim/shop_node.h"

#include <deque>

#include "access/sqlite_storage.h"
#include "sim/memory_db.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "store/order_list.h"
#include "sync/core/seal.h"

namespace till::sim {
namespace {

constexpr int64_t kTick_ms = 250;  // of simulated time
constexpr int kProducts = 12;      // products that one node knows at most, so that nodes meet over them

}  // namespace

ShopNode::ShopNode(core::NodeName name, const core::Key& key, uint64_t seed, Time now, Send send)
    : clock(now), name_(std::move(name)), key_(key), send_(std::move(send)), random_(seed) {
  begin();
}

void ShopNode::begin() {
  auto db = empty_database();
  must(
      [&]() -> Status {
        TILL_TRY(const int ran, sqlite::migrate(*db, store::kMigrations, clock.now()));
        static_cast<void>(ran);
        return sqlite::transact(*db, [&](sqlite::Connection& tx) -> Status {
          TILL_TRY(identity_,
                   store::create_identity(tx, {name_.tenant, name_.store, name_.node, "EUR"}, random_, clock.now()));
          return {};
        });
      }(),
      "first start");
  open(std::move(db));
  hire();
  boot();
}

ShopNode::ShopNode(const ShopNode& original, uint64_t seed, Send send)
    : clock(const_cast<ShopNode&>(original).clock.now()),
      name_(original.name_),
      key_(original.key_),
      send_(std::move(send)),
      random_(seed),
      manager_(original.manager_) {
  open(database_of(original.snapshot()));
  boot();
}

ShopNode::~ShopNode() = default;

void ShopNode::open(std::unique_ptr<sqlite::Connection> db) {
  session_.reset();
  replica_.reset();
  shop_.reset();
  readers_.reset();
  writer_ = std::make_unique<sqlite::Writer>(std::move(db), sqlite::WriterOptions{});
  readers_ = std::make_unique<sqlite::Readers>(":memory:", *writer_, 256);
}

// What a start does, after whatever ended the process.
void ShopNode::boot() {
  auto known = store::find_identity(db());
  must(known ? Status{} : Status(known.error()), "identity");
  identity_ = **known;
  manager_.id = db().value<Uuid>("SELECT id FROM users WHERE row = ?", manager_.user).value().value();  // of this disk
  shop_ = std::make_unique<services::Shop>(
      services::Context{clock, ids_, settings_, identity_, *writer_, *readers_, events_});
  must(shop_->load(db()), "counters");
  replica_.emplace(identity_, shop_->journal, clock, random_);
  must(node::attach(db(), ids_, clock, shop_->context().business_date()), "attach");
  auto state = replica_->load_state(db());
  must(state ? Status{} : Status(state.error()), "state");
  session_.emplace(*state, core::SessionSettings{.build = "sim", .introduce = key_}, random_);
  if (!cut_) step(core::Linked{});
}

void ShopNode::crash() { boot(); }

bool ShopNode::is_quiet(int64_t tenant_rev, int64_t store_rev) const {
  if (!session_->welcomed()) return false;
  const core::State& state = session_->state();
  for (const core::Stream stream : core::kStreams) {
    const core::StreamState& s = state.streams[core::index_of(stream)];
    if (s.acked != s.head || (stream != core::Stream::sale && s.landed != s.head)) return false;
  }
  const auto at = [&](core::Scope scope) { return state.scopes[core::index_of(scope)]; };
  return at(core::Scope::tenant).cursor.rev == tenant_rev && at(core::Scope::store).cursor.rev == store_rev &&
         !at(core::Scope::tenant).shadow && !at(core::Scope::store).shadow;
}

std::string ShopNode::how_it_is() const {
  const core::State& state = session_->state();
  std::string text = session_->welcomed() ? "welcomed" : "not welcomed";
  for (const core::StreamState& s : state.streams)
    text += " " + std::to_string(s.acked) + "/" + std::to_string(s.landed) + " of " + std::to_string(s.head);
  for (const core::ScopeState& s : state.scopes)
    text += " rev " + std::to_string(s.cursor.rev) + " of " + std::to_string(s.head.rev) + (s.shadow ? " shadow" : "");
  return text;
}

Bytes ShopNode::snapshot() const { return bytes_of(db()); }

void ShopNode::put_back(const Bytes& snapshot, bool knowingly, const std::function<bool(const Uuid&)>& is_at_hub) {
  open(database_of(snapshot));
  if (knowingly)
    must(sqlite::transact(db(), [&](sqlite::Connection& tx) { return store::begin_epoch(tx, random_, clock.now()); }),
         "restore");
  boot();
  forget_lost(is_at_hub);
}

void ShopNode::lose_disk(const std::function<bool(const Uuid&)>& is_at_hub) {
  begin();
  forget_lost(is_at_hub);
}

void ShopNode::forget_lost(const std::function<bool(const Uuid&)>& is_at_hub) {
  std::erase_if(facts_, [&](const Uuid& uid) {
    const auto here = db().value<int64_t>("SELECT 1 FROM orders WHERE id = ?", uid);
    return !(here && *here) && !is_at_hub(uid);
  });
}

void ShopNode::hire() {
  access::SqliteStorage users([this]() -> Result<sqlite::Connection*> { return &db(); });
  domain::User user;
  user.id = ids_.next();
  user.version = 1;
  user.email = user.name = "manager@" + name_.node + ".test";
  user.role = domain::Role::manager;
  must(users.add_user(user), "hire");
  manager_ = {.user = user.row, .id = user.id, .rights = domain::rights_of(user.role), .name = user.name};
}

template <class F>
auto ShopNode::write(F&& change) -> decltype(change()) {
  std::optional<decltype(change())> result;
  const Status status = sqlite::transact(db(), [&](sqlite::Connection&) -> Status {
    result.emplace(change());
    return result->ok() ? Status{} : Status(result->error());
  });
  if (!status.ok()) return status.error();
  return std::move(*result);
}

// ---- the shop's day

std::optional<domain::Product> ShopNode::any_product(Chance& chance) {
  auto page = store::list_products(db(), {}, {.limit = 200});
  must(page ? Status{} : Status(page.error()), "products");
  if (page->items.empty()) return std::nullopt;
  return page->items[static_cast<size_t>(pick(chance, static_cast<int64_t>(page->items.size())))];
}

std::optional<Moved> ShopNode::sell(Chance& chance) {
  const auto product = any_product(chance);
  if (!product) return std::nullopt;
  domain::LineDraft line;
  line.product_id = product->id;
  line.quantity = domain::kQuantityOne * (1 + pick(chance, 3));
  const domain::OrderDraft draft{.lines = {line}, .payments = {{.tendered = 1'000'000'000}}};
  auto sold = write([&] { return shop_->selling.sell(draft, manager_, std::nullopt); });
  if (!sold) return std::nullopt;  // switched off, or a store without its tax class
  facts_.push_back(sold->order.id);
  return Moved{product->id, -line.quantity};
}

std::optional<Moved> ShopNode::undo(Chance& chance) {
  domain::OrderFilter sales;
  sales.kind = domain::OrderKind::sale;
  auto page = store::list_orders(db(), identity_, sales, {.limit = 5});
  must(page ? Status{} : Status(page.error()), "orders");
  if (page->items.empty()) return std::nullopt;
  const domain::Order& sale = page->items[static_cast<size_t>(pick(chance, static_cast<int64_t>(page->items.size())))];
  const bool voids = happens(chance, 40);
  const domain::ReturnDraft draft{
      .lines = {{sale.lines[0].id, domain::kQuantityOne, true}}, .reason = "r", .refund = {}};
  auto undone = write([&] {
    return voids ? shop_->returns.void_sale(sale.id, {.reason = "v"}, manager_, std::nullopt)
                 : shop_->returns.take_back(sale.id, draft, manager_, std::nullopt);
  });
  if (!undone) return std::nullopt;  // voided, all is back, or it is of another day
  facts_.push_back(undone->order.id);
  return Moved{undone->order.lines[0].product_id, undone->order.lines[0].moved};
}

std::optional<Moved> ShopNode::receive(Chance& chance) {
  const auto product = any_product(chance);
  if (!product) return std::nullopt;
  const int64_t quantity = domain::kQuantityOne * (1 + pick(chance, 9));
  auto booked = write([&] {
    return shop_->inventory.book(product->id, domain::StockEntryKind::receive, {quantity, "delivery"}, manager_);
  });
  must(booked ? Status{} : Status(booked.error()), "receive");
  return Moved{product->id, quantity};
}

void ShopNode::count(Chance& chance, const std::function<int64_t(const Uuid&)>& shelf) {
  const auto product = any_product(chance);
  if (!product) return;
  const int64_t found = shelf(product->id);
  if (found < 0) return;  // sold more than there was: nobody counts below nothing
  auto booked = write([&] {
    return shop_->inventory.book(product->id, domain::StockEntryKind::count, {found, "stocktaking"}, manager_);
  });
  must(booked ? Status{} : Status(booked.error()), "count");
}

void ShopNode::edit(Chance& chance) {
  const auto product = any_product(chance);
  const int64_t what = pick(chance, 100);
  const std::string sku = "S" + std::to_string(pick(chance, 8));
  if (!product || what < 12) {
    auto page = store::list_products(db(), {}, {.limit = 200});
    if (page && static_cast<int>(page->items.size()) >= kProducts) return;
    domain::Product fresh;
    fresh.name = "New of " + name_.node;
    fresh.sku = sku;
    fresh.price = pick(chance, 1000);
    static_cast<void>(write([&] { return shop_->catalogue.add_product(fresh, manager_); }));  // a taken SKU is refused
    return;
  }
  if (what < 18) {
    must(write([&] { return shop_->catalogue.remove_product(product->id, product->version, manager_); }), "remove");
    return;
  }
  const std::string number = std::to_string(pick(chance, 6));
  std::string patch = what < 50   ? "{\"price\":" + number + "}"
                      : what < 80 ? "{\"name\":\"Name " + number + "\"}"
                      : what < 88 ? "{\"barcodes\":[\"400" + number + "\"]}"
                      : what < 94 ? "{\"low_stock\":" + number + "}"
                                  : "{\"sku\":\"" + sku + "\"}";
  auto wanted = patch_from_json<domain::Product>(*parse_json(patch));
  static_cast<void>(
      write([&] { return shop_->catalogue.change_product(product->id, product->version, *wanted, manager_); }));
}

// ---- the line

void ShopNode::cut(bool is_cut) {
  if (cut_ == is_cut) return;
  cut_ = is_cut;
  if (is_cut)
    step(core::Unlinked{});
  else
    step(core::Linked{});
}

void ShopNode::receive(const Parcel& parcel) {
  if (cut_) return;
  if (const auto scope = core::scope_of_head(name_, parcel.topic)) {
    step(core::Rang{*scope, std::stoll(std::string(as_text(parcel.payload)))});
    return;
  }
  if (auto message = core::open(parcel.payload, key_, parcel.topic)) step(core::Arrived{std::move(*message)});
}

void ShopNode::tick() {
  auto heads = replica_->heads(db());
  must(heads ? Status{} : Status(heads.error()), "heads");
  step(core::Made{*heads});
  clock.advance_ms(kTick_ms);
  step(core::Ticked{});
}

void ShopNode::step(core::Event first) {
  std::deque<core::Event> events;
  events.push_back(std::move(first));
  for (; !events.empty(); events.pop_front()) {
    for (core::Effect& effect : session_->step(std::move(events.front()), clock.monotonic_us() / 1000, clock.now()))
      if (auto answer = perform(effect)) events.push_back(std::move(*answer));
  }
}

std::optional<core::Event> ShopNode::perform(core::Effect& effect) {
  if (auto* send = std::get_if<core::Send>(&effect)) {
    const std::string topic = core::topic_of(name_, send->message);
    if (!cut_) send_({topic, core::seal(send->message, key_, topic)});
    return std::nullopt;
  }
  auto answer = write([&]() -> Result<std::optional<core::Event>> {
    sqlite::Connection& tx = db();
    if (auto* load = std::get_if<core::Load>(&effect)) {
      TILL_TRY(core::Loaded loaded, replica_->load(tx, *load));
      return std::optional<core::Event>(std::move(loaded));
    }
    std::optional<core::Event> made;
    if (auto* confirm = std::get_if<core::Confirm>(&effect)) {
      TILL_TRY(made, replica_->confirm(tx, *confirm));
    } else if (auto* keep = std::get_if<core::Keep>(&effect)) {
      TILL_TRY(made, replica_->keep(tx, keep->page));
    } else if (auto* start_over = std::get_if<core::StartOver>(&effect)) {
      TILL_TRY(made, replica_->start_over(tx, start_over->scope));
    } else if (auto* note = std::get_if<core::NoteHub>(&effect)) {
      TILL_CHECK(replica_->note_hub(tx, note->hub_epoch));
    } else {
      TILL_TRY(made, replica_->fork(tx));
    }
    return made;
  });
  must(answer ? Status{} : Status(answer.error()), "sync");
  return std::move(*answer);
}

}  // namespace till::sim
