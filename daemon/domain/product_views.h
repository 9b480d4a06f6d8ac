// Products as some routes show them: the row, and what the route adds to it. Answers only; nobody sends them.
#pragma once

#include "domain/product.h"

namespace till::domain {

/// In a list with ?expand=categories.
struct ExpandedProduct : Product {
  std::vector<Category> categories;  // in the order of category_ids

  static constexpr auto fields() {
    return std::tuple_cat(Product::fields(),
                          std::tuple(field("categories", &ExpandedProduct::categories)
                                         .computed()
                                         .doc("the rows that category_ids name; only with expand=categories")));
  }
};

/// What a label's code says of the piece it is on.
struct Embedded {
  std::optional<int64_t> price;
  std::optional<int64_t> quantity;

  static constexpr auto fields() {
    return std::tuple(field("price", &Embedded::price).doc("minor units, of the whole piece"),
                      field("quantity", &Embedded::quantity).doc("thousandths of a kilogram or of a piece"));
  }
};

/// Found by a scanned code.
struct ScannedProduct : Product {
  std::optional<Embedded> embedded;

  static constexpr std::string_view kName = "ScannedProduct";
  static constexpr auto fields() {
    return std::tuple_cat(
        Product::fields(),
        std::tuple(field("embedded", &ScannedProduct::embedded)
                       .computed()
                       .doc("what a label of `scan.patterns` says beside the product; null: it is the product's own")));
  }
};

/// Something that is taken as it is, but looks like a mistake.
struct Warning {
  std::string pointer;
  std::string code;
  std::string detail;

  static constexpr auto fields() {
    return std::tuple(field("pointer", &Warning::pointer), field("code", &Warning::code),
                      field("detail", &Warning::detail));
  }
};

/// Just made or changed.
struct WrittenProduct : Product {
  std::vector<Warning> warnings;

  static constexpr std::string_view kName = "WrittenProduct";
  static constexpr auto fields() {
    return std::tuple_cat(
        Product::fields(),
        std::tuple(
            field("warnings", &WrittenProduct::warnings).computed().doc("check_digit: a barcode that may be misread")));
  }
};

/// With a warning for each barcode whose check digit is wrong (20-api: it is sold all the same).
WrittenProduct with_warnings(Product product);

}  // namespace till::domain
