// The JSON gate against a hostile corpus, and the writer against the gate.
#include "base/json.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

using namespace till;
using namespace std::string_view_literals;

namespace {

std::string written(const Json& json) {
  std::string out;
  JsonWriter(out).value(json);
  return out;
}

/// The text after a way through reader and writer, or "refused".
std::string again(std::string_view text) {
  auto json = parse_json(text);
  return json.ok() ? written(*json) : "refused";
}

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

rc::Gen<std::string> any_text() {
  return rc::gen::map(rc::gen::container<std::vector<uint32_t>>(rc::gen::inRange<uint32_t>(1, 0x3000)),
                      [](const std::vector<uint32_t>& points) {
                        std::string out;
                        for (uint32_t point : points) {
                          if (point < 0x80) {
                            out += static_cast<char>(point);
                          } else if (point < 0x800) {
                            out += static_cast<char>(0xc0 | point >> 6);
                            out += static_cast<char>(0x80 | (point & 0x3f));
                          } else {
                            out += static_cast<char>(0xe0 | point >> 12);
                            out += static_cast<char>(0x80 | (point >> 6 & 0x3f));
                            out += static_cast<char>(0x80 | (point & 0x3f));
                          }
                        }
                        return out;
                      });
}

Json any_json(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 7 : 5)) {
    case 0:
      return Json();
    case 1:
      return Json(*rc::gen::arbitrary<bool>());
    case 2:
      return Json(*rc::gen::arbitrary<int64_t>());
    case 3:
      return Json(*rc::gen::arbitrary<double>() + 0.5);
    case 4:
      return Json(*any_text());
    case 5: {
      Json::Array array;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) array.push_back(any_json(depth - 1));
      return Json(std::move(array));
    }
    default: {
      Json::Object object;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
        object.emplace_back(*any_text() + std::to_string(i), any_json(depth - 1));
      }
      return Json(std::move(object));
    }
  }
}

const std::string_view kHostile[] = {
    "",
    " ",
    "{",
    "}",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{}x",
    "{}{}",
    "{} //",
    "/**/{}",
    "[1]\0"sv,
    "{}\0garbage"sv,
    "\0{}"sv,
    "nul",
    "nullx",
    "True",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "-",
    "+1",
    "01",
    "-01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "1e400",
    "-1e400",
    "[1e309]",
    "1,5",
    "\"",
    "\"a",
    "'a'",
    "\"\\",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\n\"",
    "\"\t\"",
    "\"\x01\"",
    "\"\\u0000\"",
    "{\"\\u0000\":1}",
    "\"a\0b\""sv,
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\\ud800\"",
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xf5\x80\x80\x80\"",
    "\"\xc3\"",
    "\xff\xfe{}",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"\\u0061\":2}",
    "[{\"b\":{\"a\":1,\"b\":2,\"a\":3}}]",
};

}  // namespace

TEST_CASE("what is written reads back as the same text") {
  CHECK(rc::check([] {
    std::string text = written(any_json(4));
    RC_ASSERT(again(text) == text);
  }));
}

TEST_CASE("whole numbers and strings survive exactly") {
  CHECK(rc::check([](int64_t number) {
    auto json = parse_json(written(Json(number)));
    RC_ASSERT(json.ok() && json->integer() != nullptr && *json->integer() == number);
  }));
  CHECK(rc::check([] {
    std::string text = *any_text();
    auto json = parse_json(written(Json(text)));
    RC_ASSERT(json.ok() && json->string() != nullptr && *json->string() == text);
  }));
}

TEST_CASE("any bytes at all are answered, not died of") {
  CHECK(rc::check([](const std::string& bytes) { (void)parse_json(bytes).ok(); }));
  CHECK(rc::check([] {
    auto soup = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("[]{}\",:\\u0dE+-.1 tfn\xc3\xa9")));
    (void)parse_json(soup).ok();
    (void)parse_json(soup, true).ok();
  }));
}

TEST_CASE("the parts of a value are found") {
  auto json = parse_json(R"({"name":"Tea","price":199,"rate":0.2,"tags":["a"],"open":true,"note":null})");
  REQUIRE(json.ok());
  CHECK(*json->find("name")->string() == "Tea");
  CHECK(*json->find("price")->integer() == 199);
  CHECK(*json->find("rate")->real() == doctest::Approx(0.2));
  CHECK(json->find("tags")->array()->size() == 1);
  CHECK(*json->find("open")->boolean());
  CHECK(json->find("note")->is_null());
  CHECK(json->find("Name") == nullptr);
  CHECK(json->find("name")->find("x") == nullptr);
  CHECK(json->find("price")->type_name() == "integer");
  CHECK(json->type_name() == "object");
}

TEST_CASE("hostile texts are refused") {
  for (std::string_view text : kHostile) {
    CAPTURE(text);
    CHECK_FALSE(parse_json(text).ok());
  }
}

TEST_CASE("a refusal says why and where") {
  const std::pair<std::string_view, std::string_view> kWhy[] = {
      {"{\"a\":1,\n\"a\":2}", "a key appears twice at byte 14, line 2"},
      {"[1,\n2,\nx]", "not valid JSON at byte 8, line 3"},
      {"[\"a\xff\"]", "not valid UTF-8 at byte 3, line 1"},
      {"[1e400]", "a number is too large at byte 7, line 1"},
      {"\"\\u0000\"", "a string contains NUL at byte 8, line 1"},
  };
  for (auto [text, why] : kWhy) {
    auto json = parse_json(text);
    REQUIRE_FALSE(json.ok());
    CHECK(json.error().message == why);
    CHECK(json.error().code == Code::invalid);
    CHECK(json.error().reason == "invalid_json");
  }
}

TEST_CASE("32 levels are taken, 33 and a million are not") {
  CHECK(again(nested(32)) == nested(32));
  CHECK(parse_json(nested(33)).error().message == "nested too deep at byte 33, line 1");
  CHECK_FALSE(parse_json(nested(1'000'000)).ok());
  CHECK_FALSE(parse_json(std::string(1'000'000, '[')).ok());
  std::string objects;
  for (int i = 0; i < 33; ++i) objects += "{\"a\":";
  CHECK_FALSE(parse_json(objects).ok());
}

TEST_CASE("a small text cannot claim much memory or time") {
  std::string zeros = "[0";
  for (size_t i = 2; i < kMaxJsonValues; ++i) zeros += ",0";
  CHECK(parse_json(zeros + "]").ok());
  CHECK_FALSE(parse_json(zeros + ",0]").ok());

  std::string keys = "{\"k0\":0";  // comparing each with each would take minutes
  for (size_t i = 1; i < 90'000; ++i) keys += ",\"k" + std::to_string(i) + "\":0";
  CHECK(parse_json(keys + "}").ok());
  CHECK_FALSE(parse_json(keys + ",\"k7\":0}").ok());
}

TEST_CASE("numbers keep their kind and are never narrowed in silence") {
  CHECK(parse_json("9223372036854775807")->integer() != nullptr);
  CHECK(parse_json("-9223372036854775808")->integer() != nullptr);
  for (std::string_view large : {"9223372036854775808", "18446744073709551615", "18446744073709551616",
                                 "-9223372036854775809", "123456789012345678901234567890", "1.0", "1e2"}) {
    CAPTURE(large);
    auto json = parse_json(large);
    REQUIRE(json.ok());
    CHECK(json->integer() == nullptr);
    CHECK(json->real() != nullptr);
  }
  CHECK(*parse_json("1e-400")->real() == 0.0);
}

TEST_CASE("comments are for configuration files only") {
  CHECK_FALSE(parse_json("{} // x").ok());
  CHECK(parse_json("// head\n{\"a\": /* b */ 1} // tail", true).ok());
  CHECK_FALSE(parse_json("{} /* open", true).ok());
}

TEST_CASE("strings are escaped where JSON needs it and nowhere else") {
  std::string out;
  append_json_string(out, "\"\\/\b\f\n\r\t\x01\x1f\x7f é €");
  CHECK(out == R"("\"\\/\u0008\u000c\n\r\t\u0001\u001f)"
               "\x7f é €\"");
  out.clear();
  append_json_string(out, "");
  CHECK(out == "\"\"");
}

TEST_CASE("the writer puts commas where they belong") {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", 1).member("b", "x").key("c").begin_array();
  json.value(true).null().value(uint64_t{18446744073709551615u}).begin_object().end_object().begin_array().end_array();
  json.end_array().member("d", Time{0}).member("e", Uuid{}).key("f").raw("[1]").member("g", 0.1).end_object();
  CHECK(out == R"({"a":1,"b":"x","c":[true,null,18446744073709551615,{},[]],"d":"1970-01-01T00:00:00.000Z",)"
               R"("e":"00000000-0000-0000-0000-000000000000","f":[1],"g":0.1})");
  CHECK(parse_json(out).ok());
}

TEST_CASE("zero has no sign, so that what is written is written the same again") {
  CHECK(written(*parse_json("-0.0")) == "0");
  CHECK(written(*parse_json("[-0,-1e-400]")) == "[0,0]");
}

TEST_CASE("what JSON has no number for becomes null") {
  CHECK(written(Json(std::numeric_limits<double>::infinity())) == "null");
  CHECK(written(Json(std::nan(""))) == "null");
}
