#include "domain/product.h"

namespace till::domain {
namespace {

// The Latin letters that shops of our languages use; others fall out of a slug, which then counts on its number.
// Two bytes of UTF-8 → ASCII.
struct Fold {
  std::string_view from, to;
};
constexpr Fold kFolds[] = {
    {"à", "a"}, {"á", "a"}, {"â", "a"}, {"ã", "a"}, {"ä", "a"},  {"å", "a"}, {"æ", "ae"}, {"ç", "c"}, {"č", "c"},
    {"ć", "c"}, {"ď", "d"}, {"è", "e"}, {"é", "e"}, {"ê", "e"},  {"ë", "e"}, {"ě", "e"},  {"ę", "e"}, {"ì", "i"},
    {"í", "i"}, {"î", "i"}, {"ï", "i"}, {"ł", "l"}, {"ñ", "n"},  {"ň", "n"}, {"ń", "n"},  {"ò", "o"}, {"ó", "o"},
    {"ô", "o"}, {"õ", "o"}, {"ö", "o"}, {"ø", "o"}, {"œ", "oe"}, {"ř", "r"}, {"š", "s"},  {"ś", "s"}, {"ß", "ss"},
    {"ť", "t"}, {"ù", "u"}, {"ú", "u"}, {"û", "u"}, {"ü", "u"},  {"ů", "u"}, {"ý", "y"},  {"ž", "z"}, {"ź", "z"},
    {"ż", "z"}, {"À", "a"}, {"Á", "a"}, {"Â", "a"}, {"Ä", "a"},  {"Å", "a"}, {"Ç", "c"},  {"Č", "c"}, {"È", "e"},
    {"É", "e"}, {"Ê", "e"}, {"Í", "i"}, {"Î", "i"}, {"Ł", "l"},  {"Ñ", "n"}, {"Ó", "o"},  {"Ô", "o"}, {"Ö", "o"},
    {"Ø", "o"}, {"Ř", "r"}, {"Š", "s"}, {"Ú", "u"}, {"Ü", "u"},  {"Ý", "y"}, {"Ž", "z"},
};

std::string_view fold(std::string_view two_bytes) {
  for (const Fold& f : kFolds)
    if (f.from == two_bytes) return f.to;
  return {};
}

}  // namespace

std::string slug_of(std::string_view name) {
  constexpr size_t kMax = 100;
  std::string slug;
  bool gap = false;
  auto put = [&](std::string_view letters) {
    if (gap && !slug.empty()) slug += '-';
    gap = false;
    slug += letters;
  };
  for (size_t i = 0; i < name.size() && slug.size() < kMax; ++i) {
    const char c = name[i];
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      put({&c, 1});
    } else if (c >= 'A' && c <= 'Z') {
      const char lower = static_cast<char>(c - 'A' + 'a');
      put({&lower, 1});
    } else if (const auto letters = fold(name.substr(i, 2)); !letters.empty()) {
      put(letters);
      ++i;
    } else if (c != '\'') {  // "men's" is one word
      gap = true;
    }
  }
  return slug.empty() ? "item" : slug;
}

}  // namespace till::domain
