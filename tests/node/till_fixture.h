// A till that has a hub, without the hub: a shop (support/shop_fixture.h) attached and with its replica, and the pages
// a hub would send, made by hand. tests/sim plays it with the real hub.
#pragma once

#include "services/shop.h"
#include "store/edits.h"
#include "support/shop_fixture.h"
#include "sync/node/attach.h"
#include "sync/node/replica.h"
#include "sync/node/report.h"

namespace till::node {

using core::Scope;
using core::Stream;
using test::Role;

struct Till : test::ShopFixture {
  std::unique_ptr<Replica> replica;
  core::Position at[core::kScopeCount]{};  // what the hub believes the till has
  int64_t rev = 0;

  /// Attached before it has anything, unless told otherwise.
  explicit Till(bool attached = true) {
    if (attached) attach_now();
    restart();
  }
  void attach_now() {
    close();
    auto db = sqlite::Connection::open(folder.file("till.db"), sqlite::Mode::write).value();
    REQUIRE(attach(*db, ids, clock, 20260105).ok());
    db.reset();
    open();
  }
  void restart() {
    reopen();
    replica = std::make_unique<Replica>(identity, shop->journal, clock, random);
  }

  core::Loaded load(Stream stream, int64_t first = 1) {
    auto loaded = replica->load(db(), {stream, first});
    REQUIRE(loaded.ok());
    return *loaded;
  }
  core::State state() { return replica->load_state(db()).value(); }
  core::StreamState stream(Stream which) { return state().streams[core::index_of(which)]; }
  /// What a hub that took everything up to `seq` says; it named `seq` (A1).
  core::Mark mark(Stream stream, int64_t seq, int64_t backed = 0) {
    core::Hash hash = core::stream_start(state().epoch, stream);
    for (int64_t next = 1; next <= seq;) {
      for (const core::Envelope& e : load(stream, next).envelopes) {
        if (e.seq > seq) break;
        hash = core::chained(hash, e);
        next = e.seq + 1;
      }
    }
    return {.stream = stream, .applied = seq, .at = seq, .hash = hash, .backed = backed};
  }
  core::Event confirm(const core::Mark& mark, bool may_lower = false) {
    auto event = write([&] { return replica->confirm(tx(), {mark, may_lower}); });
    REQUIRE(event.ok());
    return *event;
  }
  bool confirms(const core::Mark& mark, bool may_lower = false) {
    return std::holds_alternative<core::Confirmed>(confirm(mark, may_lower));
  }

  /// A page that begins where the till is and goes one rev on.
  core::Page page(Scope scope, std::vector<core::Item> items) {
    core::Page page{.session = {}, .scope = scope, .from = at[core::index_of(scope)], .items = std::move(items)};
    page.to = page.head = {++rev, {static_cast<uint8_t>(rev)}};
    return page;
  }
  /// The page that reaches the head; `marks` as the hub had them when it read the page.
  core::Page last_page(Scope scope, std::vector<core::Item> items, std::vector<core::Mark> marks = {}) {
    core::Page made = page(scope, std::move(items));
    made.last = true;
    made.marks = std::move(marks);
    return made;
  }
  core::Event keep(const core::Page& page) {
    auto event = write([&] { return replica->keep(tx(), page); });
    REQUIRE_MESSAGE(event.ok(), event.error().message);
    if (const auto* kept = std::get_if<core::Kept>(&*event)) at[core::index_of(page.scope)] = kept->state.cursor;
    return *event;
  }
  /// The hub has these rows now.
  void hear(std::vector<core::Item> items) { keep(page(Scope::tenant, std::move(items))); }
  /// The store's other tills did this.
  void hear_facts(std::vector<core::Item> items) { keep(page(Scope::store, std::move(items))); }

  std::optional<domain::Product> shown(const Uuid& id) {
    auto found = store::get_product(db(), id);
    return found ? std::optional(*found) : std::nullopt;
  }
  std::string price_of(const Uuid& id) {
    const auto product = shown(id);
    return product ? std::to_string(product->price) : "gone";
  }
};

/// A till's facts as a page brings them to others, or to itself in another life.
inline std::vector<core::Item> facts_of(Till& till, const std::string& name, int64_t first = 1) {
  std::vector<core::Item> items;
  for (const core::Envelope& e : till.load(Stream::sale, first).envelopes)
    items.push_back(core::Fact{.node = name, .epoch = till.state().epoch, .envelope = e});
  return items;
}

/// A row as a hub has it: each field set by a write of this tag.
template <Described Row>
core::RowImage image_of(const Row& row, core::Entity entity, int64_t rev, core::Tag tag = {9}) {
  core::RowImage image{.entity = entity, .id = row.id, .rev = rev};
  for (const core::FieldEdit& field : store::field_edits<Row>(nullptr, &row))
    image.fields.push_back({field.name, field.after, {tag}});
  return image;
}
inline core::RowImage image_of(const domain::Product& product, int64_t rev) {
  return image_of(product, core::Entity::product, rev);
}

}  // namespace till::node
