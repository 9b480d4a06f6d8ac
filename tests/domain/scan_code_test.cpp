// Labels with a price or a weight in their code, the patterns that divide them, and check digits.
#include "domain/scan_code.h"

#include <doctest/doctest.h>

#include "domain/product_views.h"

using namespace till;
using namespace till::domain;

namespace {

const std::vector<std::string> kPatterns = {"21IIIIIPPPPPC", "27IIIIIWWWWWC", "28IIIIIINNNNC", "2IIIIIVPPPPPC"};

std::string why(std::string_view pattern) {
  const Status checked = check_pattern(pattern);
  return checked.ok() ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("a label says which item it is on, and its price, weight or count") {
  struct Row {
    const char *code, *item;
    std::optional<int64_t> price, quantity;
  };
  const Row kRows[] = {
      {"2112345019994", "2112345", 1999, {}},  {"2112345000008", "2112345", 0, {}},
      {"2112345999999", "2112345", 99999, {}}, {"2712345012508", "2712345", {}, 1250},
      {"2712345000000", "2712345", {}, 0},     {"2812345600122", "28123456", {}, 12'000},
      {"2012347019995", "201234", 1999, {}},  // its V is a 7
  };
  for (const Row& row : kRows) {
    CAPTURE(row.code);
    const auto label = read_label(kPatterns, row.code);
    REQUIRE(label);
    CHECK(label->item_code == row.item);
    CHECK(label->price == row.price);
    CHECK(label->quantity == row.quantity);
  }
}

TEST_CASE("what is no label is none") {
  for (const char* code : {"", "2112345", "211234501999", "21123450199940", "4006381333931", "2112345019995",
                           "211234501999X", "21123450199\xc3\xa4", "9912345019990"}) {
    CAPTURE(code);
    CHECK_FALSE(read_label(kPatterns, code));
  }
  CHECK_FALSE(read_label({}, "2112345019994"));
}

TEST_CASE("the first pattern that fits is the one") {
  CHECK(read_label({"2IIIIIIPPPPPC", "21IIIIIPPPPPC"}, "2112345019994")->item_code == "2112345");
  CHECK(read_label({"21IIIIWWWWWWC", "21IIIIIPPPPPC"}, "2112345019994")->quantity == 501'999);
}

TEST_CASE("a pattern that means nothing is refused, and says why") {
  for (const std::string& good : kPatterns) CHECK(why(good) == "");
  for (const char* size : {"", "21IIIIIPPPPC", "21IIIIIPPPPPPC"}) CHECK(why(size) == "must have 13 signs");
  CHECK(why("21IIIIIPPPPPX") == "may only have digits and the letters I, P, W, N, V and C");
  CHECK(why("21iiiiiPPPPPC").starts_with("may only"));
  CHECK(why("IIIIIIIPPPPPC").starts_with("must begin with its own digits"));
  CHECK(why("21IIIII5PPPPC").starts_with("must begin with its own digits"));
  CHECK(why("2112345678901").starts_with("must have the item's digits"));
  CHECK(why("21VVVVVPPPPPC").starts_with("must have the item's digits"));
  CHECK(why("21IIVIIPPPPPC").starts_with("must have the item's digits"));
  for (const char* contents : {"21IIIIIIIIIIC", "21IIIIIPPPWWC", "21IIIIIPPVPPC", "21IIIIIVVVVVC"})
    CHECK(why(contents).starts_with("must have one of price"));
  for (const char* check : {"21IIIIICPPPPP", "21IIIIIPPPPCC"})
    CHECK(why(check).starts_with("must have its check digit"));
}

TEST_CASE("every price of every item comes back out of its label") {
  for (int64_t item = 0; item < 100'000; item += 9'973) {
    for (int64_t price = 0; price < 100'000; price += 991) {
      std::string code = "21" + std::to_string(100'000 + item).substr(1) + std::to_string(100'000 + price).substr(1);
      char digit = '0';
      while (digit < '9' && has_wrong_check_digit(code + digit)) ++digit;
      const auto label = read_label(kPatterns, code + digit);
      REQUIRE(label);
      CHECK(label->price == price);
      CHECK(label->item_code == code.substr(0, 7));
    }
  }
}

TEST_CASE("a wrong check digit is noticed in GTINs and nowhere else") {
  for (const char* right : {"4006381333931", "96385074", "036000291452", "10614141000415", "2112345019994"})
    CHECK_FALSE(has_wrong_check_digit(right));
  for (const char* wrong : {"4006381333932", "4006381333913", "96385075", "036000291453", "10614141000416"})
    CHECK(has_wrong_check_digit(wrong));
  for (const char* no_gtin : {"", "1", "123456789", "40063813339A1", "4006381333931 ", "opaque"})
    CHECK_FALSE(has_wrong_check_digit(no_gtin));
}

TEST_CASE("a product is written with a warning for each barcode that may be misread") {
  Product cup;
  cup.barcodes = {"4006381333931", "4006381333932", "opaque/1", "96385075"};
  const WrittenProduct written = with_warnings(cup);
  REQUIRE(written.warnings.size() == 2);
  CHECK(written.warnings[0].pointer == "/barcodes/1");
  CHECK(written.warnings[0].code == "check_digit");
  CHECK(written.warnings[1].pointer == "/barcodes/3");
  CHECK(to_json(written).ends_with(R"("code":"check_digit","detail":"its last digit should be another"}]})"));
}
