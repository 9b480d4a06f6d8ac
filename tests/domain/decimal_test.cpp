// Numbers of files: what is a number, what is too fine, and that text and integer lead to each other.
#include "domain/decimal.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace till;
using namespace till::domain;

TEST_CASE("a number becomes minor units") {
  CHECK(parse_decimal("2.55", 2).value() == 255);
  CHECK(parse_decimal("2.5", 2).value() == 250);
  CHECK(parse_decimal("2", 2).value() == 200);
  CHECK(parse_decimal("0", 2).value() == 0);
  CHECK(parse_decimal("007", 0).value() == 7);
  CHECK(parse_decimal("-1.00", 2).value() == -100);
  CHECK(parse_decimal("0.001", 3).value() == 1);
  CHECK(parse_decimal("1.2900", 2).value() == 129);  // exact
  CHECK(parse_decimal("92233720368547758.07", 2).value() == INT64_MAX);
}

TEST_CASE("what is no number, too fine or too large is told apart") {
  for (const char* text : {"", " ", "-", ".", ".5", "2.", "1,5", "1 000", " 1", "1 ", "+1", "1e3", "0x1", "1.2.3",
                           "--1", "1.-2", "NaN", "ten", "\xd9\xa1"})
    CHECK_MESSAGE(parse_decimal(text, 2).error().reason == "number", text);
  CHECK(parse_decimal("1.005", 2).error().reason == "too_fine");
  CHECK(parse_decimal("1.5", 0).error().reason == "too_fine");
  CHECK(parse_decimal("92233720368547758.08", 2).error().reason == "range");
  CHECK(parse_decimal(std::string(400, '9'), 2).error().reason == "range");
}

TEST_CASE("minor units become text") {
  CHECK(to_decimal(255, 2, 2) == "2.55");
  CHECK(to_decimal(200, 2, 2) == "2.00");
  CHECK(to_decimal(5, 2, 2) == "0.05");
  CHECK(to_decimal(-5, 2, 2) == "-0.05");
  CHECK(to_decimal(0, 2, 2) == "0.00");
  CHECK(to_decimal(96'000, 3, 0) == "96");
  CHECK(to_decimal(1'500, 3, 0) == "1.5");
  CHECK(to_decimal(0, 3, 0) == "0");
  CHECK(to_decimal(100, 0, 0) == "100");
}

TEST_CASE("property: what is written reads back") {
  CHECK(rc::check("to_decimal, parse_decimal", [](int64_t value) {
    for (const int digits : {0, 2, 3})
      for (const int shown : {0, digits})
        RC_ASSERT(parse_decimal(to_decimal(value, digits, shown), digits).value() == value);
  }));
}

TEST_CASE("currencies have the digits of ISO 4217") {
  CHECK(currency_digits("EUR") == 2);
  CHECK(currency_digits("JPY") == 0);
  CHECK(currency_digits("KRW") == 0);
  CHECK(currency_digits("KWD") == 3);
  CHECK(currency_digits("TND") == 3);
}
