// Merging by tags, case by case as 31-sync-review tells them.
#include "sync/core/merge.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "core/samples.h"

namespace till::core {
namespace {

using test::uid;

const Uuid kRow = uid(0xAA);

// A hub with one row, and keys that other rows hold.
struct Hub {
  std::vector<std::pair<std::string, std::string>> held{};  // field, value
  std::optional<RowImage> row{};

  MergeRules rules() const {
    return {.policy = [](Entity, std::string_view field) -> FieldPolicy {
              if (field == "price") return {Merge::hub_wins};
              if (field == "low_stock") return {Merge::store_wins};
              if (field == "consent") return {Merge::strictest};
              if (field == "tax") return {Merge::manual};
              if (field == "tags") return {Merge::set};
              if (field == "codes") return {Merge::set, true};
              if (field == "sku") return {Merge::latest, true};
              return {};
            },
            .key_held =
                [this](Entity, std::string_view field, std::string_view value, const Uuid&) {
                  for (const auto& [f, v] : held)
                    if (f == field && v == value) return true;
                  return false;
                }};
  }
  Merged apply(Action action, std::vector<FieldEdit> fields, const Uuid& id) {
    RowEdit edit{.action = action, .id = kRow, .fields = std::move(fields)};
    Merged merged = merge(row ? &*row : nullptr, edit, id, rules());
    if (!merged.waits) row = merged.row;
    return merged;
  }
  std::string value(const std::string& field) const { return row->find(field)->value; }
  std::vector<Tag> tags(const std::string& field) const { return row->find(field)->tags; }
};

Hub hub_with(const std::string& field, const std::string& value) {
  Hub hub;
  hub.apply(Action::create, {{field, {}, "null", value}}, uid(1));
  return hub;
}

TEST_CASE("an edit that saw what is there is applied, whatever the policy") {
  for (const char* field : {"name", "price", "low_stock", "consent", "tax"}) {
    Hub hub = hub_with(field, "1");
    const Merged merged = hub.apply(Action::change, {{field, hub.tags(field), "1", "2"}}, uid(2));
    CHECK(merged.changed);
    CHECK(merged.clashes.empty());
    CHECK(hub.value(field) == "2");
    CHECK(hub.tags(field) == std::vector<Tag>{tag_of(uid(2))});
  }
}

TEST_CASE("no edit makes a row that a page cannot carry: what has no room stands in the journal") {
  Hub many = hub_with("name", "1");
  for (size_t i = 0; i < 2 * kMaxEditFields; ++i) {
    const Merged merged = many.apply(Action::change, {{"new" + std::to_string(i), {}, "null", "1"}}, uid(2));
    CHECK(merged.changed == (i + 1 < kMaxEditFields));
    CHECK(merged.clashes.size() == (merged.changed ? 0 : 1));
  }
  CHECK(read_image(write_image(*many.row)).ok());
  CHECK(many.apply(Action::change, {{"name", many.tags("name"), "1", "2"}}, uid(3)).changed);

  Hub large = hub_with("name", "1");
  const std::string value = "\"" + std::string(kMaxFieldValue - 2, 'x') + "\"";
  for (size_t i = 0; i < 16; ++i) large.apply(Action::change, {{"new" + std::to_string(i), {}, "null", value}}, uid(2));
  CHECK(write_image(*large.row).size() <= kMaxImage);
  CHECK(large.row->fields.size() > 7);

  Hub set = hub_with("tags", "[]");
  const std::string element = "[\"" + std::string(kMaxFieldValue / 2, 'x');
  for (const char* end : {"1\"]", "2\"]", "3\"]"})
    set.apply(Action::change, {{"tags", set.tags("tags"), "[]", element + end}}, uid(2));
  CHECK(set.value("tags").size() <= kMaxFieldValue);
}

TEST_CASE("a clash is decided by the field's policy and stands in the journal with both values") {
  struct Case {
    const char* field;
    const char* wanted;
    Winner winner;
  };
  for (const Case& c : {Case{"name", "3", Winner::theirs}, Case{"price", "3", Winner::ours},
                        Case{"low_stock", "3", Winner::theirs}, Case{"tax", "3", Winner::ours},
                        Case{"consent", "false", Winner::theirs}, Case{"consent", "true", Winner::ours}}) {
    Hub hub = hub_with(c.field, "1");
    const auto seen = hub.tags(c.field);
    hub.apply(Action::change, {{c.field, seen, "1", "2"}}, uid(2));
    const Merged merged = hub.apply(Action::change, {{c.field, seen, "1", c.wanted}}, uid(3));
    REQUIRE(merged.clashes.size() == 1);
    const Clash& clash = merged.clashes[0];
    CHECK(clash.kind == ClashKind::field);
    CHECK(clash.base == "1");
    CHECK(clash.ours == "2");
    CHECK(clash.theirs == c.wanted);
    CHECK(clash.winner == c.winner);
    CHECK(hub.value(c.field) == (c.winner == Winner::ours ? "2" : c.wanted));
  }
}

TEST_CASE("a value that came back is another write (B2, ABA)") {
  Hub hub = hub_with("price", "1");
  const auto seen = hub.tags("price");
  hub.apply(Action::change, {{"price", seen, "1", "5"}}, uid(2));
  hub.apply(Action::change, {{"price", hub.tags("price"), "5", "1"}}, uid(3));
  const Merged merged = hub.apply(Action::change, {{"price", seen, "1", "9"}}, uid(4));
  CHECK(merged.clashes.size() == 1);
  CHECK(hub.value("price") == "1");
}

TEST_CASE("an edit over one's own lost edit is lost with it") {
  Hub hub = hub_with("price", "1");
  const auto seen = hub.tags("price");
  hub.apply(Action::change, {{"price", seen, "1", "5"}}, uid(2));
  hub.apply(Action::change, {{"price", seen, "1", "7"}}, uid(3));                                    // lost
  const Merged merged = hub.apply(Action::change, {{"price", {tag_of(uid(3))}, "7", "8"}}, uid(4));  // over it
  CHECK(merged.clashes.size() == 1);
  CHECK(hub.value("price") == "5");
}

TEST_CASE("two who wrote the same do not clash, and an edit over either has seen it") {
  Hub hub = hub_with("price", "1");
  const auto seen = hub.tags("price");
  hub.apply(Action::change, {{"price", seen, "1", "2"}}, uid(2));
  const Merged same = hub.apply(Action::change, {{"price", seen, "1", "2"}}, uid(3));
  CHECK(same.clashes.empty());
  CHECK(same.changed);  // the alias has to reach the nodes
  CHECK(hub.apply(Action::change, {{"price", {tag_of(uid(3))}, "2", "4"}}, uid(4)).clashes.empty());
  CHECK(hub.value("price") == "4");
}

TEST_CASE("an edit of a row that never was waits (B6)") {
  Hub hub;
  CHECK(hub.apply(Action::change, {{"name", {}, "1", "2"}}, uid(2)).waits);
  CHECK(hub.apply(Action::remove, {}, uid(3)).waits);
}

TEST_CASE("a row made twice under one id: equal is equal, other values clash") {
  Hub hub = hub_with("price", "1");
  CHECK(hub.apply(Action::create, {{"price", {}, "null", "1"}}, uid(2)).clashes.empty());
  CHECK(hub.apply(Action::create, {{"price", {}, "null", "3"}}, uid(4)).clashes.size() == 1);
  CHECK(hub.value("price") == "1");
}

TEST_CASE("a removal loses against an edit its author had not seen (B4)") {
  Hub hub = hub_with("name", "1");
  const auto seen = hub.tags("name");
  hub.apply(Action::change, {{"name", seen, "1", "2"}}, uid(2));
  const Merged lost = hub.apply(Action::remove, {{"name", seen, "1", "null"}}, uid(3));
  REQUIRE(lost.clashes.size() == 1);
  CHECK(lost.clashes[0].kind == ClashKind::edit_won);
  CHECK_FALSE(hub.row->removed);
  CHECK_FALSE(lost.changed);
  hub.apply(Action::remove, {{"name", hub.tags("name"), "2", "null"}}, uid(4));
  CHECK(hub.row->removed);
  CHECK_FALSE(hub.apply(Action::remove, {}, uid(5)).changed);  // again
}

TEST_CASE("a removal that does not know a field loses against it") {
  Hub hub = hub_with("name", "1");
  hub.apply(Action::change, {{"new_field", {}, "null", "2"}}, uid(2));
  CHECK(hub.apply(Action::remove, {{"name", hub.tags("name"), "1", "null"}}, uid(3)).clashes.size() == 1);
  CHECK_FALSE(hub.row->removed);
}

TEST_CASE("an edit brings a removed row back, without the key that another took (B11)") {
  Hub hub = hub_with("sku", "\"S1\"");
  hub.apply(Action::remove, {{"sku", hub.tags("sku"), "\"S1\"", "null"}}, uid(2));
  hub.held = {{"sku", "\"S1\""}};
  const Merged merged = hub.apply(Action::change, {{"name", {}, "null", "\"x\""}}, uid(3));
  CHECK_FALSE(hub.row->removed);
  CHECK(hub.value("sku") == "\"\"");
  REQUIRE(merged.clashes.size() == 2);
  CHECK(merged.clashes[0].kind == ClashKind::row_back);
  CHECK(merged.clashes[1].kind == ClashKind::key_lost);
}

TEST_CASE("the later row loses the key and lives") {
  Hub hub;
  hub.held = {{"sku", "\"S1\""}, {"codes", "\"4006\""}};
  const Merged made =
      hub.apply(Action::create, {{"sku", {}, "null", "\"S1\""}, {"codes", {}, "[]", R"(["4006","4007"])"}}, uid(1));
  CHECK(made.clashes.size() == 2);
  CHECK(hub.value("sku") == "\"\"");
  CHECK(hub.value("codes") == R"(["4007"])");
  hub.apply(Action::change, {{"sku", hub.tags("sku"), "\"\"", "\"S2\""}}, uid(2));
  CHECK(hub.value("sku") == "\"S2\"");
  const Merged again = hub.apply(Action::change, {{"sku", hub.tags("sku"), "\"S2\"", "\"S1\""}}, uid(3));
  CHECK(again.clashes.size() == 1);
  CHECK(hub.value("sku") == "\"S2\"");  // what it had it keeps
}

TEST_CASE("sets are added to and taken from; what one removed another's addition does not bring back (B10)") {
  Hub hub = hub_with("tags", R"(["x","y"])");
  const auto seen = hub.tags("tags");
  hub.apply(Action::change, {{"tags", seen, R"(["x","y"])", R"(["y"])"}}, uid(2));
  const Merged merged = hub.apply(Action::change, {{"tags", seen, R"(["x","y"])", R"(["x","y","z"])"}}, uid(3));
  CHECK(merged.clashes.empty());
  CHECK(hub.value("tags") == R"(["y","z"])");
}

TEST_CASE("nobody's edit vanishes: it is applied, equal, or in the journal (7)") {
  rc::check([](const std::vector<uint8_t>& script) {
    Hub hub = hub_with("price", "0");
    std::vector<std::vector<Tag>> seen{hub.tags("price")};
    uint8_t n = 2;
    for (const uint8_t step : script) {
      if (n == 0xA0) break;
      const auto& base = seen[step % seen.size()];
      const std::string before = hub.value("price");
      const std::string after = std::to_string(step % 7);
      const Merged merged = hub.apply(Action::change, {{"price", base, "?", after}}, uid(n));
      const bool applied = hub.value("price") == after;
      RC_ASSERT(applied ||
                (merged.clashes.size() == 1 && merged.clashes[0].theirs == after && merged.clashes[0].ours == before));
      // An overwritten value was one that the author had seen, or it stands in the journal.
      if (applied && before != after && merged.clashes.empty())
        RC_ASSERT(hub.tags("price") == std::vector<Tag>{tag_of(uid(n))});
      seen.push_back(hub.tags("price"));
      ++n;
    }
  });
}

TEST_CASE("the digest of a set does not depend on the order of writes") {
  SetHash a, b;
  const Bytes x{1}, y{2}, z{3};
  a.add(x);
  a.add(y);
  a.add(z);
  a.remove(y);
  b.add(z);
  b.add(x);
  CHECK(a == b);
  b.add(x);
  CHECK_FALSE(a == b);
}

TEST_CASE("edits and images go round, and are refused when malformed") {
  RowEdit edit{.entity = Entity::category, .action = Action::remove, .id = kRow, .user = uid(3), .at = {5}};
  edit.fields = {{"name", {Tag{1}}, "\"a\"", "\"b\""}};
  const Bytes body = write_edit(edit);
  auto back = read_edit(body);
  REQUIRE(back.ok());
  CHECK(write_edit(*back) == body);
  for (size_t size = 0; size < body.size(); ++size) CHECK_FALSE(read_edit(ByteView(body).first(size)).ok());
  edit.fields[0].after = "\xFF";
  CHECK_FALSE(read_edit(write_edit(edit)).ok());
  edit.fields.assign(kMaxEditFields + 1, {"x"});
  CHECK_FALSE(read_edit(write_edit(edit)).ok());
  CHECK_FALSE(read_image(Bytes{9, 9}).ok());
}

}  // namespace
}  // namespace till::core
