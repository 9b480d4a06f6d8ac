#include "domain/product_views.h"

#include "domain/scan_code.h"

namespace till::domain {

WrittenProduct with_warnings(Product product) {
  WrittenProduct written{{std::move(product)}, {}};
  for (size_t i = 0; i < written.barcodes.size(); ++i)
    if (has_wrong_check_digit(written.barcodes[i]))
      written.warnings.push_back({"/barcodes/" + std::to_string(i), "check_digit", "its last digit should be another"});
  return written;
}

}  // namespace till::domain
