// A hub's database of a test's own, and tills that talk to it with hand-made envelopes. Verbs, so that a test reads as
// a script; each batch is one write of its own, as it is in the running hub.
#pragma once

#include <doctest/doctest.h>

#include "base/log.h"
#include "crypto/hash.h"
#include "domain/journal.h"
#include "domain/stock_fact.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"
#include "support/temp_folder.h"
#include "sync/core/hlc.h"
#include "sync/hub/applier.h"
#include "sync/hub/migrations.h"
#include "sync/hub/pages.h"

namespace till::test {

inline Uuid uuid(uint32_t n) {
  Uuid id;
  for (size_t i = 0; i < 4; ++i) id.bytes[8 + i] = static_cast<uint8_t>(n >> (24 - 8 * i));
  return id;
}
inline std::string as_json(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

struct HubFixture {
  TempFolder folder{};
  FakeClock clock{};
  FakeRandom random{};
  IdSource ids{clock, random};
  hub::Identity identity{};
  std::unique_ptr<sqlite::Connection> db = open(folder.file("hub.db"));
  hub::Applier applier{clock, ids, identity};

  HubFixture() {
    log::set_level(log::Level::error);
    REQUIRE(sqlite::migrate(*db, hub::kMigrations, clock.now()).ok());
    write([&](auto& tx) -> Status {
      TILL_TRY(identity, hub::create_identity(tx, {"shop", "EUR"}, random, clock.now()));
      return {};
    });
  }
  static std::unique_ptr<sqlite::Connection> open(const std::string& path) {
    auto made = sqlite::Connection::open(path, sqlite::Mode::create);
    REQUIRE(made.ok());
    return std::move(*made);
  }
  template <class F>
  void write(F&& change) {
    const Status done = sqlite::transact(*db, change);
    INFO((done.ok() ? std::string() : done.error().message));
    REQUIRE(done.ok());
  }
  /// The result of something done in a write of its own.
  template <class F>
  auto in_write(F&& change) {
    decltype(change(*db)) result = Error{};
    static_cast<void>(sqlite::transact(*db, [&](sqlite::Connection& tx) -> Status {
      result = change(tx);
      return result.ok() ? Status() : Status(result.error());
    }));
    return result;
  }
  int64_t number(const char* sql) {
    const auto found = db->value<int64_t>(sql);
    REQUIRE(found.ok());
    return found->value_or(-1);
  }
  int64_t on_hand(const Uuid& product, const std::string& store = "s1") {
    auto row = db->value<int64_t>(
        "SELECT on_hand FROM stock k JOIN stores s ON s.row = k.store WHERE k.product = ? AND s.name = ?",
        product.bytes, store);
    REQUIRE(row.ok());
    return row->value_or(0);
  }
  core::RowImage image(const Uuid& id, core::Entity entity = core::Entity::product) {
    auto row = hub::find_row(*db, entity, id);
    REQUIRE(row.ok());
    return *row ? (*row)->image : core::RowImage{};
  }
  std::string value(const Uuid& id, std::string_view field) {
    const core::RowImage row = image(id);
    const core::RowField* found = row.find(field);
    return found ? found->value : "";
  }
  std::vector<hub::ConflictRow> conflicts() {
    auto page = hub::list_conflicts(*db, {}, {.limit = 1000});
    REQUIRE(page.ok());
    return page->items;
  }
  std::vector<hub::Held> held(bool waiting_only = true) {
    auto page = hub::list_held(*db, waiting_only, {.limit = 1000});
    REQUIRE(page.ok());
    return page->items;
  }
};

/// A till as the hub sees it: streams with seqs and hashes, a journal, and what it remembers of the hub.
class Till {
 public:
  Till(HubFixture& hub, std::string store, std::string node, uint8_t epoch = 1)
      : hub_(hub), name_{"shop", std::move(store), std::move(node)} {
    begin_epoch(epoch);
  }

  void begin_epoch(uint8_t epoch) {
    epoch_.fill(epoch);
    for (const core::Stream stream : core::kStreams) {
      head_[core::index_of(stream)] = 0;
      hash_[core::index_of(stream)] = core::stream_start(epoch_, stream);
    }
    receipts_ = 0;
    tag_ = domain::epoch_tag(epoch_);
  }
  [[nodiscard]] const core::NodeName& name() const { return name_; }
  [[nodiscard]] const core::Epoch& epoch() const { return epoch_; }
  [[nodiscard]] core::Session session() const { return {{}, hub_.identity.epoch, epoch_}; }
  int64_t head(core::Stream stream = core::Stream::sale) const { return head_[core::index_of(stream)]; }
  core::Hash hash(core::Stream stream = core::Stream::sale) const { return hash_[core::index_of(stream)]; }

  core::Welcome greet(core::Seqs lost = {}) {
    core::Hello hello{.session = session(), .build = "test", .clock = hub_.clock.now(), .heads = head_, .lost = lost};
    auto welcome = hub_.in_write([&](auto& tx) { return hub_.applier.welcome(tx, name_, hello); });
    REQUIRE(welcome.ok());
    return *welcome;
  }

  // ---- what it makes; send() sends it

  Till& sell(const Uuid& product, int64_t quantity, std::optional<int64_t> hlc = {}) {
    domain::Order order;
    order.id = hub_.ids.next_parent();
    order.created_at = hub_.clock.now();
    order.business_date = 20260105;
    order.currency = "EUR";
    order.receipt_number = domain::receipt_number(name_.node, tag_, ++receipts_);
    order.total = order.subtotal = quantity;
    domain::OrderLine& line = order.lines.emplace_back();
    line.product_id = product;
    line.name = "Cup";
    line.quantity = line.total = quantity;
    line.moved = -quantity;
    order.payments.push_back({.amount = quantity, .tendered = quantity});
    return add_order(order, hlc);
  }
  Till& add_order(const domain::Order& order, std::optional<int64_t> hlc = {}) {
    Bytes body = domain::journal_body(order, "");
    journal_ = crypto::Sha256().add(journal_).add(body).finish();
    body.insert(body.end(), journal_.begin(), journal_.end());
    return add(core::Stream::sale, order.id, core::Kind::order, std::move(body), hlc);
  }
  Till& move(const Uuid& product, int64_t moved, std::optional<int64_t> hlc = {}) {
    return stock({.product_id = product, .kind = domain::StockEntryKind::adjust, .moved = moved, .reason = "x"}, hlc);
  }
  Till& count(const Uuid& product, int64_t counted, std::optional<int64_t> hlc = {}) {
    return stock({.product_id = product, .kind = domain::StockEntryKind::count, .counted = counted, .reason = "x"},
                 hlc);
  }
  Till& stock(domain::StockFact fact, std::optional<int64_t> hlc = {}) {
    fact.id = hub_.ids.next();
    fact.at = hub_.clock.now();
    fact.business_date = 20260105;
    return add(core::Stream::sale, fact.id, core::Kind::stock, domain::stock_body(fact), hlc);
  }
  Till& edit(const core::RowEdit& edit, core::Stream stream = core::Stream::shop) {
    return add(stream, hub_.ids.next(), core::Kind::edit, core::write_edit(edit));
  }
  Till& create(const Uuid& id, const std::string& sku, int64_t price = 100, const std::string& more = "") {
    std::vector<core::FieldEdit> fields;
    auto set = [&](const char* name, std::string after) { fields.push_back({name, {}, {}, std::move(after)}); };
    set("name", as_json("Cup " + sku));
    set("sku", as_json(sku));
    set("barcodes", "[" + more + "]");
    set("price", std::to_string(price));
    set("stock_policy", "\"warn\"");
    return edit(product(core::Action::create, id, std::move(fields)));
  }
  /// A change of one field by somebody who saw what the hub has now.
  Till& change(const Uuid& id, const std::string& field, const std::string& after) {
    const core::RowImage row = hub_.image(id);
    const core::RowField* now = row.find(field);
    return edit(product(core::Action::change, id,
                        {{field, now ? now->tags : std::vector<core::Tag>{}, now ? now->value : "", after}}));
  }
  /// … and by somebody who saw nothing of what others did.
  Till& change_blindly(const Uuid& id, const std::string& field, const std::string& after) {
    return edit(product(core::Action::change, id, {{field, {core::Tag{9, 9}}, "\"old\"", after}}));
  }
  static core::RowEdit product(core::Action action, const Uuid& id, std::vector<core::FieldEdit> fields) {
    return {.action = action, .id = id, .at = {1'767'603'600'000}, .fields = std::move(fields)};
  }
  Till& add(core::Stream stream, const Uuid& uid, core::Kind kind, Bytes body, std::optional<int64_t> hlc = {}) {
    const size_t i = core::index_of(stream);
    core::Envelope e{.seq = ++head_[i], .uid = uid, .kind = kind, .business_date = 20260105, .body = std::move(body)};
    hlc_ = core::next_hlc(hlc_, hub_.clock.now());
    e.hlc = hlc.value_or(hlc_);
    e.hash = hash_[i] = core::chained(hash_[i], e);
    made_[i].push_back(std::move(e));
    return *this;
  }

  /// What was made in a stream since the last batch, as one.
  core::Up batch(core::Stream stream = core::Stream::sale) {
    const size_t i = core::index_of(stream);
    core::Up up{.session = session(), .stream = stream};
    up.envelopes = std::move(made_[i]);
    made_[i].clear();
    up.first = head_[i] - static_cast<int64_t>(up.envelopes.size()) + 1;
    up.former = sent_[i].value_or(core::stream_start(epoch_, stream));
    if (!up.envelopes.empty()) sent_[i] = up.envelopes.back().hash;
    return up;
  }
  core::Ack deliver(const core::Up& up, hub::Way way = hub::Way::whole) {
    auto ack = hub_.in_write([&](auto& tx) { return hub_.applier.apply(tx, name_, up, way); });
    INFO((ack.ok() ? std::string() : ack.error().message));
    REQUIRE(ack.ok());
    return *ack;
  }
  core::Ack send(core::Stream stream = core::Stream::sale) { return deliver(batch(stream)); }
  core::Ack send_edits() { return send(core::Stream::shop); }

  // ---- what it pulls

  core::Page pull(core::Scope scope, core::Position from = {}, core::Position head = {}, int64_t gc_rev = 0) {
    core::Pull pull{.session = session(), .scope = scope, .id = 7, .from = from, .head = head, .gc_rev = gc_rev};
    pull.heads = head_;
    auto page = hub::make_page(*hub_.db, hub_.identity, name_, pull);
    REQUIRE(page.ok());
    return *page;
  }
  /// All pages from a position on, checked to follow each other and to fit their encoding.
  std::vector<core::Page> pull_all(core::Scope scope, core::Position from = {}) {
    std::vector<core::Page> pages;
    core::Position head;
    do {
      pages.push_back(pull(scope, from, head));
      REQUIRE_FALSE(pages.back().resync);
      REQUIRE(core::decode(core::encode(core::Message(pages.back()))).ok());
      from = pages.back().to;
      head = pages.back().head;
    } while (!pages.back().last);
    return pages;
  }

 private:
  HubFixture& hub_;
  core::NodeName name_;
  core::Epoch epoch_{};
  std::string tag_;
  core::Seqs head_{};
  std::array<core::Hash, core::kStreamCount> hash_{};
  std::array<std::optional<core::Hash>, core::kStreamCount> sent_{};
  std::array<std::vector<core::Envelope>, core::kStreamCount> made_{};
  core::Hash journal_{};
  int64_t receipts_ = 0;
  int64_t hlc_ = 0;
};

template <class T>
std::vector<T> items(const std::vector<core::Page>& pages) {
  std::vector<T> found;
  for (const core::Page& page : pages)
    for (const core::Item& item : page.items)
      if (const T* one = std::get_if<T>(&item)) found.push_back(*one);
  return found;
}

}  // namespace till::test
