// Slugs: what is left of a name in an address, in any language and at any length.
#include "domain/product.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace till;
using namespace till::domain;

TEST_CASE("a name becomes a slug") {
  const std::pair<const char*, const char*> kRows[] = {
      {"Cup", "cup"},
      {"Grüne Tasse, 2 Stück", "grune-tasse-2-stuck"},
      {"  WHITE   HANGING -- T-LIGHT  ", "white-hanging-t-light"},
      {"Men's shoes", "mens-shoes"},
      {"Straße", "strasse"},
      {"Crème brûlée", "creme-brulee"},
      {"NOËL", "noel"},
      {"ÇA VA À L'ÉTÉ", "ca-va-a-lete"},
      {"Łódź żółty ŹREBAK", "lodz-zolty-zrebak"},
      {"Ærø smørrebrød", "aero-smorrebrod"},
      {"2 × 3 ÷ 4", "2-3-4"},
      {"100%", "100"},
      {"日本茶", "item"},
      {"日本茶 50 g", "50-g"},
      {"!!!", "item"},
      {"", "item"},
      {"a\xc3", "a"},  // cut in the middle of a letter
      {"\xff\xfe", "item"},
  };
  for (const auto& row : kRows) CHECK_MESSAGE(slug_of(row.first) == row.second, row.first);
}

TEST_CASE("property: a slug of anything is at most 100 letters, digits and single dashes") {
  auto check_slug = [](const std::string& name) {
    const std::string slug = slug_of(name);
    RC_ASSERT(!slug.empty());
    RC_ASSERT(slug.size() <= size_t{100});
    RC_ASSERT(slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    RC_ASSERT(slug.find("--") == std::string::npos);
    RC_ASSERT(slug.front() != '-');
    RC_ASSERT(slug.back() != '-');
    if (slug.size() <= 97) RC_ASSERT(slug_of(slug) == slug);  // a longer one has no room for another step
  };
  CHECK(rc::check("bytes", check_slug));
  CHECK(rc::check("letters and gaps", [&] {
    std::string name;
    const auto parts = *rc::gen::resize(300, rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
                                                 "a", "Z", "7", " ", "ß", "œ", "'", "茶", "Æ")));
    for (const std::string& part : parts) name += part;
    check_slug(name);
  }));
}
