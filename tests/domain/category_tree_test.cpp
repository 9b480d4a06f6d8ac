// Every category stands in the tree once, whatever several tills made of it.
#include "domain/category_tree.h"

#include <doctest/doctest.h>

using namespace till;
using namespace till::domain;

namespace {

Uuid id(uint8_t n) {
  Uuid made;
  made.bytes.fill(n);
  return made;
}

// `parent` 0: at the top.
Category category(uint8_t n, uint8_t parent, const std::string& name, int64_t position = 0) {
  Category made;
  made.id = id(n);
  made.name = made.slug = name;
  if (parent != 0) made.parent_id = id(parent);
  made.position = position;
  return made;
}

// "a(b(c)d)": names and what stands below each.
std::string shape(const std::vector<CategoryNode>& nodes) {
  std::string text;
  for (const CategoryNode& node : nodes) {
    text += node.name;
    if (!node.children.empty()) text += "(" + shape(node.children) + ")";
  }
  return text;
}

size_t count(const std::vector<CategoryNode>& nodes) {
  size_t all = nodes.size();
  for (const CategoryNode& node : nodes) all += count(node.children);
  return all;
}

}  // namespace

TEST_CASE("children stand below their parents, by position and then by name") {
  CHECK(shape(tree_of({})).empty());
  CHECK(shape(tree_of({category(5, 2, "e"), category(1, 0, "a"), category(2, 0, "b"), category(3, 1, "d"),
                       category(4, 1, "c"), category(6, 1, "z", -1)})) == "a(zcd)b(e)");
}

TEST_CASE("a category without a way to the top stands at the top") {
  CHECK(shape(tree_of({category(1, 9, "orphan"), category(2, 1, "child")})) == "orphan(child)");
  CHECK(shape(tree_of({category(1, 1, "own")})) == "own");
  CHECK(shape(tree_of({category(1, 2, "a"), category(2, 3, "b"), category(3, 1, "c"), category(4, 1, "d")})) == "abcd");
}

TEST_CASE("what stands too deep is not lost") {
  std::vector<Category> chain;
  for (uint8_t n = 1; n <= 200; ++n) chain.push_back(category(n, static_cast<uint8_t>(n - 1), std::to_string(n), n));
  const auto tree = tree_of(chain);
  CHECK(count(tree) == 200);
  size_t depth = 0;
  for (const std::vector<CategoryNode>* level = &tree; !level->empty(); level = &level->front().children) ++depth;
  CHECK(depth == kMaxTreeDepth);
}
