// Bodies and rows by lists of keys.
#include "api/dialects/keys.h"

#include <doctest/doctest.h>

#include "api/dialects/forms.h"

namespace till::dialects {
namespace {

constexpr Manner kClassic{};

Json json(const std::string& text) { return parse_json(text).value(); }

std::string text(const Json::Object& members) {
  std::string out;
  JsonWriter(out).value(Json(members));
  return out;
}

const Keys kLine{{"productId", "product_id"}, {"quantity", "quantity", &kPieces}};
const Keys kBody{{"title", "name"},
                 {"name", "name"},
                 {"price", "price", &kMoney},
                 {"items", "lines", nullptr, kLine},
                 {"products", "lines", nullptr, kLine},
                 {"charge", "payments", &kCharge},
                 {"tags", "tags"},
                 {"id", "id", nullptr, {}, Place::path},
                 {"stock", "quantity", &kPieces, {}, Place::aside}};

Members read(const std::string& body, std::string* found = nullptr) {
  Faults faults;
  const Json theirs = json(body);
  Members members = read_members(*theirs.object(), kBody, kClassic, "", faults);
  if (found && !faults.empty())
    for (const FieldError& fault : std::move(faults).error().fields) *found += fault.pointer + " " + fault.code + ";";
  return members;
}

std::string written(const std::string& row, const Keys& keys, const Manner& manner = kClassic) {
  std::string out;
  JsonWriter writer(out);
  write_row(json(row), keys, manner, writer);
  return out;
}

std::string pointer(const std::string& ours, const std::string& body = "{}") {
  const Json theirs = json(body);
  return their_pointer(ours, kBody, &theirs);
}

}  // namespace

TEST_CASE("only keys that are listed cross, each to its place") {
  const Members members = read(R"({"admin": true, "name": "Cup", "price": 2.5, "id": "7", "stock": 3, "version": 4})");
  CHECK(text(members.body) == R"({"name":"Cup","price":250})");
  CHECK(text(members.path) == R"({"id":"7"})");
  CHECK(text(members.aside) == R"({"quantity":3000})");
}

TEST_CASE("of two keys for one member the first of the list counts") {
  CHECK(text(read(R"({"name": "Mug", "title": "Cup"})").body) == R"({"name":"Cup"})");
}

TEST_CASE("lists of objects are read one by one, and what is none is left to the canonical route") {
  CHECK(text(read(R"({"items": [{"productId": "a", "quantity": 2, "price": 1}, 7, {}]})").body) ==
        R"({"lines":[{"product_id":"a","quantity":2000},7,{}]})");
  CHECK(text(read(R"({"products": "all"})").body) == R"({"lines":"all"})");
  CHECK(text(read(R"({"price": null})").body) == R"({"price":null})");
}

TEST_CASE("every value that cannot be read is named, and crosses as what no field takes") {
  std::string faults;
  const Members members =
      read(R"({"price": "much", "items": [{"quantity": 1}, {"quantity": 0.5}], "charge": {}})", &faults);
  CHECK(faults == "/price type;/items/1/quantity too_fine;/charge/amount required;/charge/card required;");
  CHECK(text(members.body) == R"({"price":true,"lines":[{"quantity":1000},{"quantity":true}],"payments":true})");
}

TEST_CASE("pointers name what the client wrote") {
  CHECK(pointer("/name") == "/title");
  CHECK(pointer("/name", R"({"name": 5})") == "/name");
  CHECK(pointer("/lines/0/product_id") == "/items/0/productId");
  CHECK(pointer("/lines/1/quantity", R"({"products": [{}, {"quantity": 0}]})") == "/products/1/quantity");
  CHECK(pointer("/lines/12", R"({"items": 7})") == "/items/12");
  CHECK(pointer("/lines") == "/items");
  CHECK(pointer("/tags/3") == "/tags/3");
  CHECK(pointer("/payments/0/token") == "/charge");
  CHECK(pointer("/quantity") == "/stock");
  CHECK(pointer("/unknown/deep") == "/unknown/deep");
  CHECK(pointer("?limit") == "?limit");
  CHECK(pointer("") == "");
  CHECK(their_pointer("/lines/0/quantity", kBody, nullptr) == "/items/0/quantity");
}

TEST_CASE("rows show what is listed, and v1's an _id beside each id") {
  const Keys row{{"id", "id"},
                 {"price", "price", &kMoney},
                 {"items", "lines", nullptr, kLine},
                 {"user", "user", nullptr, {{"id", "id"}}}};
  constexpr const char* kRow = R"({"id": "x", "secret": 1, "price": 1999, "user": {"id": "u"},)"
                               R"( "lines": [{"product_id": "p", "quantity": 1500}]})";
  CHECK(written(kRow, row) ==
        R"({"id":"x","price":19.99,"items":[{"productId":"p","quantity":1.5}],"user":{"id":"u"}})");
  CHECK(written(kRow, row, {.is_v1 = true}) ==
        R"({"_id":"x","id":"x","price":19.99,"items":[{"productId":"p","quantity":1.5}],"user":{"_id":"u","id":"u"}})");
  CHECK(written(R"({"price": null, "user": null})", row) == R"({"price":null,"user":null})");
}

}  // namespace till::dialects
