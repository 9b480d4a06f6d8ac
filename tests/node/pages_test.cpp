// What comes down: rows and what is shown of them (B1, B7, C7), pages that do not fit (C2), pulling anew (A10), the
// digest (C4), conflicts.
#include "node/till_fixture.h"
#include "store/conflicts.h"

using namespace till;
using namespace till::node;

namespace {

// A product of headquarters that this till has not seen.
domain::Product foreign(Till& till, const std::string& sku, int64_t price = 700) {
  domain::Product product;
  product.id = till.ids.next();
  product.name = product.sku = product.slug = sku;
  product.price = price;
  product.currency = "EUR";
  return product;
}

core::RowImage with(core::RowImage image, const std::string& field, const std::string& value, int64_t rev) {
  image.rev = rev;
  if (core::RowField* found = image.find(field))
    found->value = value;
  else
    image.fields.push_back({field, value, {}});
  return image;
}

core::RowImage removed(core::RowImage image, int64_t rev) {
  image.removed = true;
  image.rev = rev;
  return image;
}

bool is_kept(const core::Event& event) { return std::holds_alternative<core::Kept>(event); }

std::vector<core::Mark> edits_at(Till& till, int64_t shop) {
  return {till.mark(Stream::shop, shop), till.mark(Stream::bulk, 0)};
}

}  // namespace

TEST_CASE("a row of the hub's is there like one's own: found by its keys, sold, changed, removed, brought back") {
  Till till;
  auto cup = foreign(till, "cup");
  cup.barcodes = {"4006381333931"};
  const core::RowImage image = image_of(cup, 1);
  till.hear({image});
  REQUIRE(till.shown(cup.id));
  CHECK(till.shown(cup.id)->price == 700);
  CHECK(store::find_by_barcode(till.db(), "4006381333931").value()->id == cup.id);
  CHECK(store::find_by_sku(till.db(), "cup").value()->id == cup.id);
  till.sold({test::line(*till.shown(cup.id))});
  CHECK(till.on_hand(cup) == -1000);
  const int64_t version = till.shown(cup.id)->version;
  till.hear({with(with(image, "barcodes", R"(["96385074"])", 2), "price", "800", 2)});
  CHECK(till.shown(cup.id)->price == 800);
  CHECK(till.shown(cup.id)->version > version);
  CHECK_FALSE(store::find_by_barcode(till.db(), "4006381333931").value());
  CHECK(store::find_by_barcode(till.db(), "96385074").value());
  CHECK(store::list_history(till.db(), core::Entity::product, till.shown(cup.id)->row, 0, 9)->size() == 2);
  till.hear({removed(image, 3)});
  CHECK_FALSE(till.shown(cup.id));
  CHECK_FALSE(store::find_by_barcode(till.db(), "4006381333931").value());
  till.hear({with(image, "price", "900", 4)});
  CHECK(till.price_of(cup.id) == "900");
  CHECK(store::find_by_barcode(till.db(), "4006381333931").value());
  CHECK(till.on_hand(cup) == -1000);                       // its ledger goes on
  CHECK(till.number("SELECT count(*) FROM outbox") == 0);  // nothing of this goes back up
  till.check_books();
}

TEST_CASE("an older image, a page twice and a page from elsewhere change nothing") {
  Till till;
  const auto cup = foreign(till, "cup");
  const core::Page first = till.page(Scope::tenant, {image_of(cup, 5)});
  CHECK(is_kept(till.keep(first)));
  till.hear({with(image_of(cup, 4), "price", "1", 4)});
  CHECK(till.price_of(cup.id) == "700");
  const auto cursor = till.state().scopes[0].cursor;
  CHECK(is_kept(till.keep(first)));  // its `from` is not the cursor any more
  CHECK(till.state().scopes[0].cursor == cursor);
  core::Page elsewhere = till.page(Scope::tenant, {with(image_of(cup, 9), "price", "1", 9)});
  elsewhere.from.chain[5] ^= 1;  // the same rev of another past
  till.keep(elsewhere);
  CHECK(till.price_of(cup.id) == "700");
  CHECK(till.state().scopes[0].cursor == cursor);
}

TEST_CASE("an own edit is shown until the page that contains its outcome, whatever comes before") {
  Till till;
  const auto cup = foreign(till, "cup");
  till.hear({image_of(cup, 1)});
  REQUIRE(till.change(*till.shown(cup.id), R"({"price": 500})").ok());
  till.hear({with(image_of(cup, 2), "name", "\"Mug\"", 2)});  // headquarters changed something else meanwhile
  CHECK(till.price_of(cup.id) == "500");
  CHECK(till.shown(cup.id)->name == "Mug");
  CHECK(till.confirms(till.mark(Stream::shop, 1)));
  CHECK(till.price_of(cup.id) == "500");  // acknowledged, its outcome still on its way
  till.keep(till.last_page(Scope::tenant, {}, edits_at(till, 0)));
  CHECK(till.price_of(cup.id) == "500");  // read before the hub had it
  till.keep(till.last_page(Scope::store, {}, {till.mark(Stream::sale, 0), till.mark(Stream::shop, 1)}));
  CHECK(till.price_of(cup.id) == "500");  // the store's pages do not tell of rows
  till.keep(till.last_page(Scope::tenant, {}, edits_at(till, 1)));
  CHECK(till.price_of(cup.id) == "700");  // it lost against the hub's price: no new image, the page ends it
  CHECK(till.stream(Stream::shop).landed == 1);
}

TEST_CASE("an own edit that the hub holds in quarantine goes on being shown, until it is free") {
  Till till;
  const auto cup = foreign(till, "cup");
  till.hear({image_of(cup, 1)});
  REQUIRE(till.change(*till.shown(cup.id), R"({"price": 500})").ok());
  core::Page page = till.last_page(Scope::tenant, {}, edits_at(till, 1));
  page.held = {till.load(Stream::shop).envelopes[0].uid};
  till.keep(page);
  CHECK(till.price_of(cup.id) == "500");
  till.keep(till.last_page(Scope::tenant, {}, edits_at(till, 1)));
  CHECK(till.price_of(cup.id) == "700");
}

TEST_CASE("own edits over a removed row and a removal over the hub's edits, until the hub has decided") {
  Till till;
  const auto cup = foreign(till, "cup"), bag = foreign(till, "bag");
  till.hear({image_of(cup, 1), image_of(bag, 2)});
  REQUIRE(till.change(*till.shown(cup.id), R"({"price": 500})").ok());
  till.hear({removed(image_of(cup, 3), 3)});
  CHECK(till.price_of(cup.id) == "500");
  REQUIRE(till.write([&] {
                return till.shop->catalogue.remove_product(bag.id, till.shown(bag.id)->version,
                                                           till.caller(Role::manager));
              })
              .ok());
  till.hear({with(image_of(bag, 4), "price", "1", 4)});
  CHECK(till.price_of(bag.id) == "gone");
  till.keep(till.last_page(Scope::tenant, {}, edits_at(till, 2)));
  CHECK(till.price_of(cup.id) == "gone");
  CHECK(till.price_of(bag.id) == "1");  // the edit won (B4)
}

TEST_CASE("codes that were added and taken away here stay so over the hub's own list") {
  Till till;
  auto cup = foreign(till, "cup");
  cup.barcodes = {"1", "2"};
  till.hear({image_of(cup, 1)});
  REQUIRE(till.change(*till.shown(cup.id), R"({"barcodes": ["2", "3"]})").ok());
  till.hear({with(image_of(cup, 2), "barcodes", R"(["1", "2", "4"])", 2)});
  CHECK(till.shown(cup.id)->barcodes == std::vector<std::string>{"2", "4", "3"});
}

TEST_CASE("two rows with one key live side by side; the one that the hub has is found") {
  Till till;
  auto own = till.add_product("cup", 500);
  REQUIRE(till.change(own, R"({"barcodes": ["4006381333931"]})").ok());
  auto other = foreign(till, "cup");
  other.barcodes = {"4006381333931"};
  till.hear({image_of(other, 1)});
  CHECK(till.shown(own.id));
  CHECK(till.shown(other.id));
  CHECK(store::find_by_sku(till.db(), "cup").value()->id == other.id);
  CHECK(store::find_by_slug(till.db(), "cup").value()->id == other.id);
  CHECK(store::find_by_barcode(till.db(), "4006381333931").value()->id == other.id);
  CHECK(store::find_sellable_by_sku(till.db(), "cup").value()->id == other.id);
  CHECK(store::find_sellable_by_barcode(till.db(), "4006381333931").value()->id == other.id);
  till.hear({removed(image_of(other, 2), 2)});
  CHECK(store::find_by_sku(till.db(), "cup").value()->id == own.id);
  // The hub takes the later row's keys: it is sold and edited without them, until somebody gives it others.
  auto lost = with(with(image_of(own, 3), "sku", "\"\"", 3), "slug", "\"\"", 3);
  till.keep(till.last_page(Scope::tenant, {image_of(other, 4), with(lost, "barcodes", "[]", 3)}, edits_at(till, 2)));
  CHECK(till.shown(own.id)->sku.empty());
  CHECK(till.change(*till.shown(own.id), R"({"price": 1})").ok());
  CHECK(till.change(*till.shown(own.id), R"({"sku": "cup-2"})").ok());
}

TEST_CASE("a row that no client could have written is kept raw and reported; others go on") {
  Till till;
  const auto cup = foreign(till, "cup"), bag = foreign(till, "bag"), box = foreign(till, "box");
  auto dollars = with(image_of(box, 3), "currency", "\"USD\"", 3);
  till.hear({with(image_of(cup, 1), "price", "-1", 1), image_of(bag, 2), dollars});
  CHECK_FALSE(till.shown(cup.id));
  CHECK_FALSE(till.shown(box.id));
  CHECK(till.shown(bag.id));
  CHECK(sync_report(till.db())->rows_not_shown == 2);
  CHECK(till.state().scopes[0].cursor.rev == 1);
  till.hear({with(image_of(cup, 4), "price", "5", 4), with(image_of(bag, 5), "price", "\"x\"", 5)});
  CHECK(till.price_of(cup.id) == "5");
  CHECK(till.price_of(bag.id) == "700");  // as it was
  CHECK(sync_report(till.db())->rows_not_shown == 2);
  till.hear({with(image_of(bag, 6), "of tomorrow", "{}", 6)});  // a field this tilld does not know
  CHECK(sync_report(till.db())->rows_not_shown == 1);
}

TEST_CASE("pulled anew, rows take their place at the end in one go, and own edits stay over them") {
  Till till;
  const auto cup = foreign(till, "cup"), bag = foreign(till, "bag"), fresh = foreign(till, "fresh");
  till.hear({image_of(cup, 101), image_of(bag, 102)});
  REQUIRE(till.change(*till.shown(cup.id), R"({"price": 500})").ok());
  const auto begun = till.write([&] { return till.replica->start_over(till.tx(), Scope::tenant); });
  REQUIRE(begun.ok());
  CHECK(begun->state.shadow);
  till.at[0] = begun->state.cursor;
  // The hub was restored: its revs begin lower, the bag is not there, the cup has another name.
  till.hear({with(image_of(cup, 7), "name", "\"Mug\"", 7)});
  till.restart();
  CHECK(till.state().scopes[0].shadow);
  CHECK(till.shown(cup.id)->name == "cup");
  CHECK(till.shown(bag.id));
  till.sold({test::line(*till.shown(cup.id))});
  till.keep(till.last_page(Scope::tenant, {image_of(fresh, 8)}, edits_at(till, 0)));
  CHECK_FALSE(till.state().scopes[0].shadow);
  CHECK(till.shown(cup.id)->name == "Mug");
  CHECK(till.price_of(cup.id) == "500");
  CHECK_FALSE(till.shown(bag.id));
  CHECK(till.shown(fresh.id));
  CHECK(till.on_hand(cup) == -1000);
  till.keep(till.last_page(Scope::tenant, {}, edits_at(till, 1)));
  CHECK(till.price_of(cup.id) == "700");
}

TEST_CASE("an edit that a restored hub has lost is shown again") {
  Till till;
  const auto cup = foreign(till, "cup");
  till.hear({image_of(cup, 1)});
  REQUIRE(till.change(*till.shown(cup.id), R"({"price": 500})").ok());
  till.keep(till.last_page(Scope::tenant, {with(image_of(cup, 2), "price", "500", 2)}, edits_at(till, 1)));
  const auto begun = till.write([&] { return till.replica->start_over(till.tx(), Scope::tenant); });
  till.at[0] = begun->state.cursor;
  till.keep(till.last_page(Scope::tenant, {image_of(cup, 1)}, {}));  // it does not even know the stream
  CHECK(till.price_of(cup.id) == "500");
  CHECK(till.stream(Stream::shop).landed == 0);
}

TEST_CASE("a page with other facts under our seqs tells that this is a copy, and changes nothing") {
  Till till;
  auto cup = till.add_product("cup", 500, 9);
  till.sold({test::line(cup)});
  const auto other = foreign(till, "other");
  core::Mark copied = till.mark(Stream::shop, 1);
  copied.hash[0] ^= 1;
  auto event = till.keep(till.last_page(Scope::tenant, {image_of(other, 1)}, {copied}));
  REQUIRE(std::holds_alternative<core::Diverged>(event));
  CHECK(std::get<core::Diverged>(event).stream == Stream::shop);
  CHECK_FALSE(till.shown(other.id));
  const core::Hash right = till.mark(Stream::sale, 2).hash;
  event = till.keep(till.page(Scope::store, {core::Own{Stream::sale, 2, {1}}}));
  CHECK(std::holds_alternative<core::Diverged>(event));
  event = till.keep(till.page(Scope::store, {core::Own{Stream::sale, 3, right}}));  // more than we made
  CHECK(std::holds_alternative<core::Diverged>(event));
  CHECK(till.state().scopes[1].cursor.rev == 0);
  CHECK(is_kept(till.keep(till.page(Scope::store, {core::Own{Stream::sale, 2, right}}))));
}

TEST_CASE("the digest says whether both sides hold the same; if not, all is pulled anew, once") {
  Till till;
  const auto cup = foreign(till, "cup");
  core::SetHash digest;
  digest.add(core::write_image(image_of(cup, 1)));
  core::Page page = till.last_page(Scope::tenant, {image_of(cup, 1)}, {});
  page.digest = digest;
  till.keep(page);
  CHECK(sync_report(till.db())->matched_at == till.clock.now());
  digest.add(core::write_image(image_of(foreign(till, "bag"), 2)));
  page = till.last_page(Scope::tenant, {}, {});
  page.digest = digest;
  auto event = till.keep(page);
  CHECK(std::get<core::Kept>(event).state.shadow);
  CHECK(std::get<core::Kept>(event).state.cursor.rev == 0);
  CHECK(sync_report(till.db())->mismatches == 1);
  page = till.last_page(Scope::tenant, {image_of(cup, 1)}, {});
  page.digest = digest;
  event = till.keep(page);  // still not the same: reported, no third time
  CHECK_FALSE(std::get<core::Kept>(event).state.shadow);
  CHECK(sync_report(till.db())->mismatches == 2);
  digest = {};
  digest.add(core::write_image(image_of(cup, 1)));
  page = till.last_page(Scope::tenant, {}, {});
  page.digest = digest;
  till.keep(page);
  CHECK(sync_report(till.db())->mismatches == 0);
}

TEST_CASE("a pull from 0 remembers the mark it began under") {
  Till till;
  core::Page page = till.page(Scope::tenant, {});
  page.gc_rev = 40;
  till.keep(page);
  page = till.page(Scope::tenant, {});
  page.gc_rev = 50;
  till.keep(page);
  CHECK(till.state().scopes[0].gc_rev == 40);
}

TEST_CASE("clashes come into the journal, change there, and come again when their scope is pulled anew") {
  Till till;
  core::Conflict first{.id = till.ids.next(),
                       .status = core::ConflictStatus::open,
                       .clash = {.field = "price", .base = "1", .ours = "2", .theirs = "3", .policy = Merge::manual},
                       .row = till.ids.next(),
                       .uid = till.ids.next(),
                       .node = "A2",
                       .at = {5}};
  core::Conflict second{.id = till.ids.next(), .clash = {.kind = core::ClashKind::oversold}, .node = "A1"};
  till.hear({first});
  till.hear_facts({second});
  CHECK(store::count_open_conflicts(till.db()).value() == 1);
  first.status = core::ConflictStatus::settled;
  till.hear({first});
  CHECK(store::count_open_conflicts(till.db()).value() == 0);
  const auto newest = store::list_conflicts(till.db(), 0, 1).value();
  REQUIRE(newest.items.size() == 1);
  CHECK(newest.items[0].conflict.clash.kind == core::ClashKind::oversold);
  const auto next = store::list_conflicts(till.db(), newest.next, 9).value();
  REQUIRE(next.items.size() == 1);
  CHECK(next.items[0].conflict.clash.theirs == "3");
  CHECK(next.items[0].conflict.row == first.row);
  CHECK(next.items[0].conflict.clash.policy == Merge::manual);
  REQUIRE(till.write([&] { return till.replica->start_over(till.tx(), Scope::store); }).ok());
  CHECK(store::list_conflicts(till.db(), 0, 9)->items.size() == 1);
}

TEST_CASE("a poll that brings nothing costs no commit, but everything that counts does") {
  Till till;
  const auto cup = foreign(till, "cup");
  core::SetHash digest;
  const core::RowImage image = image_of(cup, 1);
  digest.add(core::write_image(image));
  core::Page full = till.last_page(Scope::tenant, {image}, edits_at(till, 0));
  full.digest = digest;
  CHECK(till.replica->has_news(till.db(), full).value());
  till.keep(full);

  core::Page empty = full;
  empty.items.clear();
  empty.from = empty.to = full.to;
  const auto is_news = [&](const core::Page& page) { return till.replica->has_news(till.db(), page).value(); };
  CHECK_FALSE(is_news(empty));
  till.clock.advance_ms(3'700'000);
  CHECK(is_news(empty));  // that both sides agree is noted now and then
  till.clock.advance_ms(-3'700'000);
  core::Page other = empty;
  other.digest->sum[0] ^= 1;
  CHECK(is_news(other));
  other = empty;
  other.held = {till.ids.next()};
  CHECK(is_news(other));
  other = empty;
  other.head.rev += 1;
  CHECK(is_news(other));
  REQUIRE(till.change(*till.shown(cup.id), R"({"price": 900})").ok());
  other = empty;
  other.marks = edits_at(till, 1);
  CHECK(is_news(other));
}

TEST_CASE("what the hub's rows say is searched, also after it was changed, removed and brought back") {
  Till till;
  auto cup = foreign(till, "cup");
  cup.name = "Grüne Tasse";
  cup.description = "Steingut";
  auto found = [&till](const std::string& typed) {
    domain::ProductFilter filter;
    filter.text = typed;
    return store::list_products(till.db(), filter, {})->items.size();
  };
  const core::RowImage image = image_of(cup, 1);
  till.hear({image});
  CHECK(found("grune steingut") == 1);
  till.hear({with(image, "name", "\"Mug\"", 2)});
  CHECK(found("grune") == 0);
  CHECK(found("mug stein") == 1);
  till.hear({removed(image, 3)});
  CHECK(found("mug") == 0);
  till.hear({with(image, "name", "\"Mug again\"", 4)});
  CHECK(found("again") == 1);
}
