#include "store/product_words.h"

namespace till::store {
namespace {

using domain::Product;

constexpr size_t kMaxWords = 12;
constexpr std::string_view kSpace = " \t\r\n\f\v";

std::vector<std::string_view> words_of(std::string_view typed) {
  std::vector<std::string_view> words;
  for (size_t at = typed.find_first_not_of(kSpace); at != std::string_view::npos && words.size() < kMaxWords;) {
    const size_t end = std::min(typed.find_first_of(kSpace, at), typed.size());
    words.push_back(typed.substr(at, end - at));
    at = typed.find_first_not_of(kSpace, end);
  }
  return words;
}

// FTS5's string: a word with a sign in it is several tokens side by side, one of signs only is none and counts for
// nothing beside others.
std::string quoted(std::string_view word) {
  std::string text = "\"";
  for (const char c : word) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

}  // namespace

Status add_words(sqlite::Connection& db, const Product& p) {
  return db.run("INSERT INTO product_words (rowid, name, sku, barcodes, brand, description) VALUES (?, ?, ?, ?, ?, ?)",
                p.row, p.name, p.sku, p.barcodes, p.brand, p.description);
}

Status take_words_out(sqlite::Connection& db, const Product& p) {
  return db.run(
      "INSERT INTO product_words (product_words, rowid, name, sku, barcodes, brand, description)"
      " VALUES ('delete', ?, ?, ?, ?, ?, ?)",
      p.row, p.name, p.sku, p.barcodes, p.brand, p.description);
}

bool has_same_words(const Product& a, const Product& b) {
  return std::tie(a.name, a.sku, a.barcodes, a.brand, a.description) ==
         std::tie(b.name, b.sku, b.barcodes, b.brand, b.description);
}

std::vector<std::string> match_expressions(std::string_view typed) {
  const auto words = words_of(typed);
  if (words.empty()) return {};
  std::string whole, begun, anywhere;
  for (const std::string_view word : words) {
    const std::string text = quoted(word), beginning = text + (word.size() > 1 ? " * " : " ");
    whole += "- description : " + text + " ";
    begun += "- description : " + beginning;
    anywhere += beginning;
  }
  return {"name : ^ " + quoted(words.front()) + " " + whole, whole, begun, anywhere};
}

}  // namespace till::store
