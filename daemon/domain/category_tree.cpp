#include "domain/category_tree.h"

#include <algorithm>
#include <map>

namespace till::domain {
namespace {

using ById = std::map<Uuid, const Category*>;
using Below = std::map<Uuid, std::vector<const Category*>>;  // nil: at the top

const Category* parent_of(const Category& category, const ById& all) {
  const auto found = category.parent_id ? all.find(*category.parent_id) : all.end();
  return found == all.end() ? nullptr : found->second;
}

// How many stand above it; kMaxTreeDepth if they never end, or not soon enough.
size_t depth_of(const Category& category, const ById& all) {
  size_t depth = 0;
  for (const Category* above = parent_of(category, all); above && depth < kMaxTreeDepth; ++depth)
    above = parent_of(*above, all);
  return depth;
}

std::vector<CategoryNode> nodes_below(const Uuid& parent, const Below& below) {
  std::vector<CategoryNode> nodes;
  const auto found = below.find(parent);
  if (found == below.end()) return nodes;
  for (const Category* category : found->second)
    nodes.push_back({category->id, category->name, category->slug, nodes_below(category->id, below)});
  return nodes;
}

}  // namespace

std::vector<CategoryNode> tree_of(std::vector<Category> categories) {
  std::stable_sort(categories.begin(), categories.end(), [](const Category& a, const Category& b) {
    return std::tie(a.position, a.name) < std::tie(b.position, b.name);
  });
  ById all;
  for (const Category& category : categories) all.emplace(category.id, &category);
  Below below;
  for (const Category& category : categories) {
    const bool hangs = depth_of(category, all) < kMaxTreeDepth && parent_of(category, all);
    below[hangs ? *category.parent_id : Uuid{}].push_back(&category);
  }
  return nodes_below({}, below);
}

}  // namespace till::domain
