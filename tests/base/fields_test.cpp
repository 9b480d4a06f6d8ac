// Bodies against a described row: what may be set, when, how it is refused with all pointers at once, and that the
// schema says the same.
#include "base/fields.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace till;

namespace {

enum class Size : uint8_t { small, large };

}  // namespace

template <>
struct till::EnumNames<Size> {
  static constexpr std::array<std::string_view, 2> names{"small", "large"};
};

namespace {

struct Part {
  std::string name;
  int64_t count = 1;

  static constexpr auto fields() {
    return std::tuple(field("name", &Part::name).text(1, 5).required(), field("count", &Part::count).range(1, 9));
  }
};

/// One field of each kind of edit and type.
struct Thing {
  Uuid id{};
  std::string name;
  std::string code;
  std::string currency;
  int64_t price = 7;
  int64_t stock = 0;
  std::optional<int64_t> list_price;
  std::optional<Time> until;
  bool active = true;
  Size size = Size::small;
  std::vector<std::string> tags;
  std::vector<Part> parts;
  std::string secret;

  static constexpr std::string_view kName = "Thing";
  static constexpr auto fields() {
    return std::tuple(
        field("id", &Thing::id).read_only(), field("name", &Thing::name).text(1, 10).required().doc("as shown"),
        field("code", &Thing::code).code(1, 20), field("currency", &Thing::currency).code(3, 3).at_creation(),
        field("price", &Thing::price).range(0, 100).required(), field("stock", &Thing::stock).range(0, 9).input_only(),
        field("list_price", &Thing::list_price).range(0, 100), field("until", &Thing::until),
        field("active", &Thing::active), field("size", &Thing::size), field("tags", &Thing::tags).text(1, 4).items(2),
        field("parts", &Thing::parts).items(3), field("secret", &Thing::secret).hidden());
  }
};

/// "pointer code" of each fault of a body that makes, or changes, a thing; sorted.
std::vector<std::string> faults_of(std::string_view body, bool creating = true) {
  const Json json = *parse_json(body);
  Error error;
  if (creating) {
    auto row = row_from_json<Thing>(json);
    if (row.ok()) return {};
    error = row.error();
  } else {
    auto patch = patch_from_json<Thing>(json);
    if (patch.ok()) return {};
    error = patch.error();
  }
  CHECK(error.code == Code::invalid);
  CHECK(error.reason == "invalid_body");
  std::vector<std::string> found;
  for (const FieldError& fault : error.fields) found.push_back(fault.pointer + " " + fault.code);
  std::sort(found.begin(), found.end());
  return found;
}

using Faulty = std::vector<std::string>;

std::string with(std::string_view more) { return R"({"name":"Cup","price":1,)" + std::string(more) + "}"; }

}  // namespace

TEST_CASE("a good body makes the row, what is left out keeps its default") {
  const auto row = row_from_json<Thing>(*parse_json(
      R"({"name":"Täßchen","price":100,"currency":"EUR","stock":9,"list_price":null,"until":"2026-01-05T09:00:00Z",)"
      R"("size":"large","tags":["ab","c"],"parts":[{"name":"lid"},{"name":"cup","count":9}]})"));
  REQUIRE(row.ok());
  CHECK(row->name == "Täßchen");
  CHECK(row->stock == 9);
  CHECK_FALSE(row->list_price);
  CHECK(row->until->ms == 1'767'603'600'000);
  CHECK(row->active);
  CHECK(row->size == Size::large);
  CHECK(row->parts[0].count == 1);
  CHECK(row->parts[1].count == 9);
  CHECK(row_from_json<Thing>(*parse_json(R"({"name":"Cup","price":0})"))->price == 0);
}

TEST_CASE("each fault has its pointer and word") {
  const std::pair<std::string, Faulty> kRows[] = {
      {"{}", {"/name required", "/price required"}},
      {"[]", {" type"}},
      {"null", {" type"}},
      {R"("name")", {" type"}},
      {with(R"("colour":1)"), {"/colour unknown"}},
      {with(R"("NAME":"x")"), {"/NAME unknown"}},
      {with(R"("secret":"x")"), {"/secret unknown"}},  // not even that there is one
      {with(R"("id":"01890a5d-ac96-774b-bcce-b302099a8057")"), {"/id read_only"}},
      {R"({"name":null,"price":null})", {"/name type", "/price type"}},
      {R"({"name":"","price":-1})", {"/name too_short", "/price range"}},
      {R"({"name":"12345678901","price":101})", {"/name too_long", "/price range"}},
      {R"({"name":"ÄÄÄÄÄÄÄÄÄÄ","price":1.5})", {"/price type"}},  // ten characters in twenty bytes
      {R"({"name":5,"price":"5"})", {"/name type", "/price type"}},
      {R"({"name":"a\u0007b","price":1})", {"/name characters"}},
      {R"({"name":"a\u007fb","price":1e2})", {"/name characters", "/price type"}},
      {with(R"("code":"é")"), {"/code characters"}},
      {with(R"("code":"a\nb")"), {"/code characters"}},
      {with(R"("currency":"EURO")"), {"/currency too_long"}},
      {with(R"("stock":10)"), {"/stock range"}},
      {with(R"("list_price":-1)"), {"/list_price range"}},
      {with(R"("until":"tomorrow")"), {"/until time"}},
      {with(R"("active":1)"), {"/active type"}},
      {with(R"("active":null)"), {"/active type"}},
      {with(R"("size":"huge")"), {"/size value"}},
      {with(R"("size":0)"), {"/size type"}},
      {with(R"("tags":"ab")"), {"/tags type"}},
      {with(R"("tags":["a","b","c"])"), {"/tags too_many"}},
      {with(R"("tags":["","abcde"])"), {"/tags/0 too_short", "/tags/1 too_long"}},
      {with(R"("parts":[{},{"name":"x","count":0,"colour":1},5])"),
       {"/parts/0/name required", "/parts/1/colour unknown", "/parts/1/count range", "/parts/2 type"}},
      {R"({"price":"x","tags":[1],"id":1,"colour":2})",
       {"/colour unknown", "/id read_only", "/name required", "/price type", "/tags/0 type"}},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.first);
    CHECK(faults_of(row.first) == row.second);
  }
}

TEST_CASE("a hostile body does not make a longer answer than a hundred faults") {
  std::string body = "{";
  for (int n = 0; n < 5'000; ++n) body += "\"x" + std::to_string(n) + "\":1,";
  CHECK(faults_of(body + "\"name\":\"Cup\",\"price\":1}").size() == 100);
}

TEST_CASE("a change takes any of the fields, but not what is fixed at creation") {
  CHECK(faults_of("{}", false).empty());
  CHECK(faults_of(R"({"price":5})", false).empty());
  CHECK(faults_of(R"({"currency":"EUR","stock":1,"id":"x","price":-1})", false) ==
        Faulty{"/currency read_only", "/id read_only", "/price range", "/stock read_only"});

  Thing row;
  row.name = "Cup";
  row.list_price = 5;
  row.tags = {"a"};
  patch_from_json<Thing>(*parse_json(R"({"list_price":null,"tags":[],"active":false})"))->apply(row);
  CHECK(row.name == "Cup");
  CHECK(row.price == 7);
  CHECK_FALSE(row.list_price);
  CHECK(row.tags.empty());
  CHECK_FALSE(row.active);
}

TEST_CASE("card numbers are refused in text and let through in codes") {
  CHECK(faults_of(with(R"("code":"4111111111111111")")).empty());
  struct Note {
    std::string text;
    static constexpr auto fields() { return std::tuple(field("text", &Note::text).text(0, 200)); }
  };
  CHECK(row_from_json<Note>(*parse_json(R"({"text":"call 0171 2345678"})")).ok());
  const auto refused = row_from_json<Note>(*parse_json(R"({"text":"his card: 4111 1111-1111 1111"})"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().fields[0].code == "card_number");
  CHECK(refused.error().fields[0].detail.find("4111") == std::string::npos);  // the answer does not repeat it
}

TEST_CASE("what is hidden or input only is not shown") {
  Thing row;
  row.name = "Cup";
  row.stock = 5;
  row.secret = "hush";
  CHECK(to_json(row) ==
        R"({"id":"00000000-0000-0000-0000-000000000000","name":"Cup","code":"","currency":"","price":7,)"
        R"("list_price":null,"until":null,"active":true,"size":"small","tags":[],"parts":[]})");
}

TEST_CASE("schemas tell what each side sees") {
  auto text = [](const Schema* schema) {
    std::string out;
    JsonWriter writer(out);
    schema->write(writer);
    return out;
  };
  auto keys = [](const Json& json, const char* name) {
    std::vector<std::string> found;
    for (const auto& [key, value] : *json.find(name)->object()) found.push_back(key);
    return found;
  };
  const Json answer = *parse_json(text(answer_schema<Thing>()));
  const Json creation = *parse_json(text(creation_schema<Thing>()));
  const Json change = *parse_json(text(change_schema<Thing>()));
  CHECK(answer_schema<Thing>()->name == "Thing");
  CHECK(creation_schema<Thing>()->name == "NewThing");
  CHECK(change_schema<Thing>()->name == "ThingChange");
  CHECK(keys(answer, "properties") ==
        Faulty{"id", "name", "code", "currency", "price", "list_price", "until", "active", "size", "tags", "parts"});
  CHECK(keys(creation, "properties") ==
        Faulty{"name", "code", "currency", "price", "stock", "list_price", "until", "active", "size", "tags", "parts"});
  CHECK(keys(change, "properties") ==
        Faulty{"name", "code", "price", "list_price", "until", "active", "size", "tags", "parts"});
  CHECK(answer.find("required")->array()->size() == 11);
  CHECK(creation.find("required")->array()->size() == 2);
  CHECK_FALSE(change.find("required"));
  CHECK_FALSE(*answer.find("additionalProperties")->boolean());

  const Json& properties = *creation.find("properties");
  auto shown = [&](const char* name) {
    std::string out;
    JsonWriter(out).value(*properties.find(name));
    return out;
  };
  CHECK(shown("name") == R"({"description":"as shown","allOf":[{"type":"string","minLength":1,"maxLength":10}]})");
  CHECK(shown("price") == R"({"type":"integer","format":"int64","minimum":0,"maximum":100})");
  CHECK(shown("until") == R"({"anyOf":[{"type":"string","format":"date-time"},{"type":"null"}]})");
  CHECK(shown("size") == R"({"type":"string","enum":["small","large"]})");
  CHECK(shown("tags") == R"({"type":"array","maxItems":2,"items":{"type":"string","minLength":1,"maxLength":4}})");
}
