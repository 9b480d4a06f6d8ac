// Categories as the tree they are. Made by the catalogue for GET /categories/tree from all of them.
// Several tills edit the tree at once, so a parent may be gone, or two may have been put below each other: every
// category stands in the tree once all the same. One that has no way up to the top stands there itself.
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "domain/product.h"

namespace till::domain {

/// What stands deeper is shown at the top: an answer is at most so deep, and JSON's readers have their limits, too.
inline constexpr size_t kMaxTreeDepth = 12;

struct CategoryNode {
  Uuid id{};
  std::string name;
  std::string slug;
  std::vector<CategoryNode> children{};
};

/// Siblings by position, then by name.
std::vector<CategoryNode> tree_of(std::vector<Category> categories);

}  // namespace till::domain
