// What is sold, and the categories it stands in.
#pragma once

#include "domain/head.h"

namespace till::domain {

// Stored as their number: append only.
enum class Unit : uint8_t { piece, weighed };
/// What happens when a counter sale takes more than the book has (20-api, Selling rules).
enum class StockPolicy : uint8_t { allow, warn, block };

inline constexpr int64_t kMaxPrice = 1'000'000'000;     // minor units (D8, 20-api)
inline constexpr int64_t kMaxQuantity = 1'000'000'000;  // thousandths

struct Product : Head {
  std::string name;
  std::string slug;
  std::string sku;
  std::vector<std::string> barcodes;
  std::string brand;
  std::string description;
  std::vector<std::string> images;
  std::vector<Uuid> category_ids;
  int64_t price = 0;
  std::string currency;
  std::string tax_class = "standard";
  Unit unit = Unit::piece;
  StockPolicy stock_policy = StockPolicy::warn;
  int64_t low_stock = 0;
  bool active = true;
  int64_t stock = 0;
  int64_t on_hand = 0;
  int64_t available = 0;

  static constexpr std::string_view kName = "Product";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Product>(),
        std::tuple(
            field("name", &Product::name).text(1, 200).required().doc("as shown and printed"),
            field("slug", &Product::slug)
                .code(1, 120)
                .unique_key()
                .doc("made from the name when left out; a taken one gets -2, -3"),
            field("sku", &Product::sku).code(1, 64).required().unique_key().doc("the shop's own number, unique"),
            field("barcodes", &Product::barcodes)
                .code(1, 48)
                .items(32)
                .unique_key()
                .merged(Merge::set)
                .doc("opaque; a code belongs to one product"),
            field("brand", &Product::brand).text(0, 120), field("description", &Product::description).text(0, 8000),
            field("images", &Product::images).code(1, 500).items(16).doc("URLs"),
            field("category_ids", &Product::category_ids).items(32).merged(Merge::set),
            field("price", &Product::price).range(0, kMaxPrice).required().merged(Merge::hub_wins).doc("minor units"),
            field("currency", &Product::currency).code(3, 3).at_creation().doc("the store's; another is refused"),
            field("tax_class", &Product::tax_class).code(1, 32).merged(Merge::hub_wins),
            field("unit", &Product::unit).at_creation(),
            field("stock_policy", &Product::stock_policy)
                .merged(Merge::store_wins)
                .doc("selling more than the book has"),
            field("low_stock", &Product::low_stock)
                .range(0, kMaxQuantity)
                .merged(Merge::store_wins)
                .doc("thousandths; 0: never low"),
            field("active", &Product::active).doc("false: not sold, not found by customers"),
            field("stock", &Product::stock).range(0, kMaxQuantity).input_only().doc("thousandths received at creation"),
            field("on_hand", &Product::on_hand).computed().doc("thousandths"),
            field("available", &Product::available).computed().doc("thousandths not reserved")));
  }
};

struct Category : Head {
  std::string name;
  std::string slug;
  std::optional<Uuid> parent_id;
  std::string description;
  int64_t position = 0;

  static constexpr std::string_view kName = "Category";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Category>(),
        std::tuple(field("name", &Category::name).text(1, 120).required(),
                   field("slug", &Category::slug).code(1, 120).unique_key().doc("made from the name when left out"),
                   field("parent_id", &Category::parent_id).doc("null: at the top of the tree"),
                   field("description", &Category::description).text(0, 8000),
                   field("position", &Category::position).range(0, 1'000'000).doc("order among its siblings")));
  }
};

/// In which order a list shows them. `best` is that of their making, of a search those first that fit best; what is
/// equal comes in the order of the rows. Names by their bytes, ASCII letters without case.
enum class ProductOrder : uint8_t { best, made, made_last, price, price_last, name, name_last };

/// Which products a list shows; what is not set does not matter.
struct ProductFilter {
  std::string text;                 // its words, or what begins with them, in any of the texts and codes
  std::optional<Uuid> category_id;  // in it or in one that stands below it
  std::optional<bool> active;
  std::optional<bool> available;  // something is left to sell
  std::optional<int64_t> price_min, price_max;
  std::optional<std::string> brand;  // as it stands, ASCII letters without case
  std::optional<std::string> sku, barcode;
  ProductOrder order = ProductOrder::best;
};

/// "Grüne Tasse, 2 Stück" → "grune-tasse-2-stuck": ASCII letters and digits, words joined by dashes. "item" if nothing
/// is left. At most 100 characters, so that "-999" still fits a slug's 120.
std::string slug_of(std::string_view name);

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::Unit> {
  static constexpr std::array<std::string_view, 2> names{"piece", "weighed"};
};
/// As `sort` names them; none is `best`, which a list has without asking.
template <>
struct till::EnumNames<till::domain::ProductOrder> {
  static constexpr std::array<std::string_view, 7> names{"best",   "created_at", "-created_at", "price",
                                                         "-price", "name",       "-name"};
};
template <>
struct till::EnumNames<till::domain::StockPolicy> {
  static constexpr std::array<std::string_view, 3> names{"allow", "warn", "block"};
};
