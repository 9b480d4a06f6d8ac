#include "services/product_csv.h"

#include <algorithm>

#include "base/csv.h"
#include "domain/decimal.h"

namespace till::services {
namespace {

using domain::Product;

constexpr size_t kMaxCategories = 32;
constexpr int64_t kPage = 200;

// ---- several values in one cell

/// The parts between separators that no backslash makes plain, without blanks around them; empty ones fall out.
std::vector<std::string_view> split(std::string_view cell, char separator) {
  std::vector<std::string_view> parts;
  size_t begin = 0, end = 0;  // of the part: blanks at its end are not in it, unless one is plain
  for (size_t at = 0; at <= cell.size(); ++at) {
    if (at == cell.size() || cell[at] == separator) {
      if (end > begin) parts.push_back(cell.substr(begin, end - begin));
      begin = end = at + 1;
    } else if (cell[at] != ' ') {
      if (cell[at] == '\\' && at + 1 < cell.size()) ++at;
      end = at + 1;
    } else if (end == begin) {
      begin = end = at + 1;
    }
  }
  return parts;
}

std::string unescaped(std::string_view part) {
  std::string text;
  for (size_t at = 0; at < part.size(); ++at) {
    if (part[at] == '\\' && at + 1 < part.size()) ++at;
    text += part[at];
  }
  return text;
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string part;
  for (size_t at = 0; at < text.size(); ++at) {
    const bool outer_blank = text[at] == ' ' && (at == 0 || at + 1 == text.size());
    if (text[at] == '\\' || outer_blank || special.find(text[at]) != std::string_view::npos) part += '\\';
    part += text[at];
  }
  return part;
}

template <class Values, class ToText>
std::string joined(const Values& values, std::string_view between, ToText&& to_text) {
  std::string text;
  for (const auto& value : values) text += std::string(text.empty() ? "" : between) + to_text(value);
  return text;
}

// ---- the columns

/// What a cell is read with and put into.
struct Reading {
  std::string_view name;
  const std::string& cell;
  int digits;  // of the currency
  ProductRow& into;

  void give(Json::Value value) const { into.body.emplace_back(name, Json(std::move(value))); }
  void refuse(std::string code, std::string detail) const {
    if (!into.fault) into.fault = invalid_field("/" + std::string(name), std::move(code), std::move(detail));
  }
};

/// What a cell is written from.
struct Writing {
  const Product& product;
  const std::vector<CategoryPath>& categories;
  int digits;
};

void read_text(const Reading& r) { r.give(r.cell); }
void read_word(const Reading& r) {
  if (!r.cell.empty()) r.give(r.cell);
}

void read_flag(const Reading& r) {
  if (r.cell == "true" || r.cell == "TRUE") return r.give(true);  // spreadsheets like capitals
  if (r.cell == "false" || r.cell == "FALSE") return r.give(false);
  if (!r.cell.empty()) r.refuse("value", "must be true or false");
}

void read_price(const Reading& r) {
  const auto price = domain::parse_decimal(r.cell, r.digits);
  if (price.ok()) return r.give(*price);
  const Error& why = price.error();
  r.refuse(why.reason == "too_fine" ? "sub_penny" : why.reason, why.message);
}

void read_quantity(const Reading& r) {
  if (r.cell.empty()) return;
  const auto quantity = domain::parse_decimal(r.cell, domain::kQuantityDigits);
  if (quantity.ok()) return r.give(*quantity);
  r.refuse(quantity.error().reason, quantity.error().message);
}

void read_barcodes(const Reading& r) {
  Json::Array codes;
  for (const std::string_view part : split(r.cell, ' ')) codes.emplace_back(Json::Value(unescaped(part)));
  r.give(std::move(codes));
}

void read_categories(const Reading& r) {
  auto& paths = r.into.categories.emplace();
  for (const std::string_view path : split(r.cell, '|')) {
    CategoryPath names;
    for (const std::string_view name : split(path, '>')) names.push_back(unescaped(name));
    if (names.size() > kMaxCategoryDepth) return r.refuse("too_deep", "at most 16 categories below each other");
    if (!names.empty()) paths.push_back(std::move(names));
    if (paths.size() > kMaxCategories) return r.refuse("too_many", "at most 32 categories");
  }
}

std::string price_text(const Writing& w) { return domain::to_decimal(w.product.price, w.digits, w.digits); }
std::string pieces(int64_t quantity) { return domain::to_decimal(quantity, domain::kQuantityDigits, 0); }

std::string barcodes_text(const Writing& w) {
  return joined(w.product.barcodes, " ", [](const std::string& code) { return escaped(code, " "); });
}

std::string categories_text(const Writing& w) {
  return joined(w.categories, " | ", [](const CategoryPath& path) {
    return joined(path, " > ", [](const std::string& name) { return escaped(name, ">|"); });
  });
}

/// What a shop would receive that begins with this file: nothing, where more was sold than booked in.
std::string stock_text(const Writing& w) { return w.product.on_hand < 0 ? "" : pieces(w.product.on_hand); }

struct Column {
  std::string_view name;
  bool required;
  void (*read)(const Reading&);
  std::string (*write)(const Writing&);
};

// clang-format off
constexpr Column kColumns[] = {
    {"sku",          true,  read_text,       [](const Writing& w) { return w.product.sku; }},
    {"name",         true,  read_text,       [](const Writing& w) { return w.product.name; }},
    {"barcodes",     false, read_barcodes,   barcodes_text},
    {"price",        true,  read_price,      price_text},
    {"tax_class",    false, read_word,       [](const Writing& w) { return w.product.tax_class; }},
    {"brand",        false, read_text,       [](const Writing& w) { return w.product.brand; }},
    {"description",  false, read_text,       [](const Writing& w) { return w.product.description; }},
    {"category",     false, read_categories, categories_text},
    {"unit",         false, read_word,       [](const Writing& w) { return std::string(to_string(w.product.unit)); }},
    {"stock_policy", false, read_word,       [](const Writing& w) { return std::string(to_string(w.product.stock_policy)); }},
    {"low_stock",    false, read_quantity,   [](const Writing& w) { return pieces(w.product.low_stock); }},
    {"active",       false, read_flag,       [](const Writing& w) { return std::string(w.product.active ? "true" : "false"); }},
    {"stock",        false, read_quantity,   stock_text},
};
// clang-format on

// ---- the tree, for the export

using Tree = std::map<Uuid, domain::Category>;

Result<Tree> read_tree(const Catalogue& catalogue) {
  Tree tree;
  domain::Slice slice{.cursor = 0, .limit = kPage};
  do {
    TILL_TRY(auto page, catalogue.list_categories(slice));
    for (auto& category : page.items) tree.emplace(category.id, category);
    slice.cursor = page.next;
  } while (slice.cursor != 0);
  return tree;
}

CategoryPath path_of(const Tree& tree, const Uuid& id) {
  CategoryPath path;
  for (std::optional<Uuid> at = id; at && path.size() < kMaxCategoryDepth;) {
    const auto found = tree.find(*at);
    if (found == tree.end()) break;
    path.insert(path.begin(), found->second.name);
    at = found->second.parent_id;
  }
  return path;
}

}  // namespace

Result<ProductColumns> ProductColumns::find(const std::vector<std::string>& header, std::string_view currency) {
  ProductColumns columns;
  columns.digits_ = domain::currency_digits(currency);
  for (const std::string& name : header) {
    const auto* found =
        std::find_if(std::begin(kColumns), std::end(kColumns), [&](const Column& c) { return c.name == name; });
    if (found == std::end(kColumns)) return invalid_field("", "unknown_column", "The column " + name + " is not known");
    columns.columns_.push_back(static_cast<size_t>(found - std::begin(kColumns)));
  }
  for (const Column& column : kColumns) {
    if (column.required && std::find(header.begin(), header.end(), column.name) == header.end())
      return invalid_field("", "missing_column", "The column " + std::string(column.name) + " is missing");
  }
  return columns;
}

ProductRow ProductColumns::read(const std::vector<std::string>& cells) const {
  ProductRow row;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Column& column = kColumns[columns_[i]];
    if (column.name == "sku") row.sku = cells[i];
    column.read({.name = column.name, .cell = cells[i], .digits = digits_, .into = row});
  }
  return row;
}

Result<std::string> products_as_csv(const Catalogue& catalogue, std::string_view currency, size_t max_bytes) {
  TILL_TRY(const Tree tree, read_tree(catalogue));
  const int digits = domain::currency_digits(currency);
  std::string text;
  CsvWriter csv(text);
  for (const Column& column : kColumns) csv.field(column.name);
  csv.end_row();
  domain::Slice slice{.cursor = 0, .limit = kPage};
  do {
    TILL_TRY(const auto page, catalogue.list_products({}, slice));
    for (const Product& product : page.items) {
      std::vector<CategoryPath> categories;
      for (const Uuid& id : product.category_ids) categories.push_back(path_of(tree, id));
      const Writing writing{.product = product, .categories = categories, .digits = digits};
      for (const Column& column : kColumns) csv.field(column.write(writing));
      csv.end_row();
    }
    if (text.size() > max_bytes)
      return Error{.code = Code::too_large, .message = "There are more products than one export can hold"};
    slice.cursor = page.next;
  } while (slice.cursor != 0);
  return text;
}

}  // namespace till::services
