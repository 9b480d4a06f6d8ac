#include "domain/product.h"

namespace till::domain {
namespace {

// The Latin letters that shops of our languages use; others fall out of a slug, which then counts on its number.
// Two bytes of UTF-8 → at most two of ASCII.
struct Fold {
  std::string_view from, to;
};
constexpr Fold kFolds[] = {
    {"à", "a"}, {"á", "a"}, {"â", "a"},  {"ã", "a"},  {"ä", "a"}, {"å", "a"},  {"æ", "ae"}, {"ç", "c"}, {"è", "e"},
    {"é", "e"}, {"ê", "e"}, {"ë", "e"},  {"ì", "i"},  {"í", "i"}, {"î", "i"},  {"ï", "i"},  {"ñ", "n"}, {"ò", "o"},
    {"ó", "o"}, {"ô", "o"}, {"õ", "o"},  {"ö", "o"},  {"ø", "o"}, {"ß", "ss"}, {"ù", "u"},  {"ú", "u"}, {"û", "u"},
    {"ü", "u"}, {"ý", "y"}, {"ą", "a"},  {"Ą", "a"},  {"ć", "c"}, {"Ć", "c"},  {"č", "c"},  {"Č", "c"}, {"ď", "d"},
    {"Ď", "d"}, {"ę", "e"}, {"Ę", "e"},  {"ě", "e"},  {"Ě", "e"}, {"ł", "l"},  {"Ł", "l"},  {"ń", "n"}, {"Ń", "n"},
    {"ň", "n"}, {"Ň", "n"}, {"œ", "oe"}, {"Œ", "oe"}, {"ř", "r"}, {"Ř", "r"},  {"ś", "s"},  {"Ś", "s"}, {"š", "s"},
    {"Š", "s"}, {"ť", "t"}, {"Ť", "t"},  {"ů", "u"},  {"Ů", "u"}, {"ź", "z"},  {"Ź", "z"},  {"ż", "z"}, {"Ż", "z"},
    {"ž", "z"}, {"Ž", "z"},
};
constexpr size_t kLongestStep = 3;  // a dash and what a letter folds to

// The capitals of Latin-1, "À" to "Þ", stand 32 below their small letters.
std::string small(std::string_view two_bytes) {
  std::string letter(two_bytes);
  if (letter >= "\xC3\x80" && letter <= "\xC3\x9E") letter[1] = static_cast<char>(letter[1] + 0x20);
  return letter;
}

std::string_view fold(std::string_view two_bytes) {
  const std::string letter = small(two_bytes);
  for (const Fold& f : kFolds)
    if (f.from == letter) return f.to;
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
  for (size_t i = 0; i < name.size() && slug.size() + kLongestStep <= kMax; ++i) {
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
