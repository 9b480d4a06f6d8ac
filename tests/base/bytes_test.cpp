// Text forms of bytes: round trips of anything, and every second spelling refused.
#include "base/bytes.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace till;

namespace {
Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }
}  // namespace

TEST_CASE("base64url and hex give back what they were given") {
  CHECK(rc::check([](const Bytes& bytes) {
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
    RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
  }));
}

TEST_CASE("what base64url takes has one spelling") {
  CHECK(rc::check([] {
    auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ABQZaz09-_=+/ \n")));
    if (auto bytes = from_base64url(text)) RC_ASSERT(to_base64url(*bytes) == text);
  }));
}

TEST_CASE("base64url: the examples of RFC 4648 §10, without padding") {
  const std::pair<std::string_view, std::string_view> kExamples[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"}};
  for (auto [plain, coded] : kExamples) {
    CHECK(to_base64url(as_bytes(plain)) == coded);
    CHECK(from_base64url(coded) == bytes_of(plain));
  }
}

TEST_CASE("base64url refuses padding, white space, other alphabets, slack bits and a lone letter") {
  for (std::string_view bad : {"Zg==", "Zg=", "Z g", "Zg\n", " Zg", "+/8", "Zh", "Zm9", "A", "AAAAA", "Zg\xc3\xa9"}) {
    CAPTURE(bad);
    CHECK_FALSE(from_base64url(bad));
  }
  CHECK_FALSE(from_base64url(std::string_view("Z\0g", 3)));
}

TEST_CASE("hex takes either case and nothing odd") {
  CHECK(from_hex("00fFAb") == Bytes{0x00, 0xff, 0xab});
  CHECK(to_hex(Bytes{0x00, 0xff, 0xab}) == "00ffab");
  for (std::string_view bad : {"0", "0g", "0x00", " 00", "00 ", "-1"}) CHECK_FALSE(from_hex(bad));
}

TEST_CASE("UTF-8: the borders of every row of RFC 3629 §4") {
  using namespace std::string_view_literals;
  for (std::string_view good : {"\x01"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
                                "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv}) {
    CHECK(is_utf8(good));
    for (size_t shift = 0; shift < 9; ++shift) {  // however it lies to the eight-byte steps
      std::string padded = std::string(shift, 'a') + std::string(good) + "bcdefghij";
      CHECK(is_utf8(padded));
    }
  }
  for (std::string_view bad : {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2\x7f"sv, "\xe0\x9f\xbf"sv,
                               "\xe0\xa0"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv,
                               "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "\xf0\x90\x80"sv, "\0"sv}) {
    CHECK_FALSE(is_utf8(bad));
    for (size_t shift = 0; shift < 9; ++shift) {
      std::string padded = std::string(shift, 'a') + std::string(bad) + "bcdefghij";
      CHECK(utf8_prefix(padded) == shift);
    }
  }
  CHECK(is_utf8(""));
}
