// Products as CSV, both ways: what an export writes an import reads as unchanged. Called by services/imports.h, on its
// worker and on the slow lane. It knows cells, not rules: a row becomes the body that the API would take, and the
// Catalogue judges that.
//
//   sku name price         must be there (price in major units: 2.55)
//   barcodes               codes with blanks between them: 4006381333931 2000000010373
//   category               paths of names, made where they are missing: Home > Cups | Gifts
//   description brand      text
//   tax_class unit stock_policy low_stock active stock    an empty cell is as if the column were not there
//
// A column that is not there leaves the field as it is; an empty cell of the others empties it. stock (pieces) is what
// was received with a new product; it changes no product that is there, for stock moves by the ledger only (D10).
// Within barcodes and category a backslash makes the character after it plain: Sizes \> 40.
#pragma once

#include "domain/product.h"
#include "services/catalogue.h"

namespace till::services {

/// Names from the top of the tree down.
using CategoryPath = std::vector<std::string>;
inline constexpr size_t kMaxCategoryDepth = 16;

/// A row as the body of a request, but for the ids of its categories.
struct ProductRow {
  std::string sku;
  Json::Object body;
  std::optional<std::vector<CategoryPath>> categories;  // nullopt: there is no such column
  std::optional<Error> fault;                           // of a cell that cannot be read
};

/// Where the columns of a file stand.
class ProductColumns {
 public:
  /// Errors: invalid, naming a column that is unknown or missing.
  static Result<ProductColumns> find(const std::vector<std::string>& header, std::string_view currency);

  /// `cells`: as many as the header has.
  [[nodiscard]] ProductRow read(const std::vector<std::string>& cells) const;

 private:
  std::vector<size_t> columns_;  // of each cell: which it is in the table of columns
  int digits_ = 2;
};

/// All products that are not removed, with a header line. The text stands in memory: 50,000 products are about 10 MB.
/// Error: too_large, beyond `max_bytes`.
Result<std::string> products_as_csv(const Catalogue& catalogue, std::string_view currency, size_t max_bytes);

}  // namespace till::services
