// From a method and a path to a route: one trie over path segments, built once at start from the route table (D6).
// Used by the pipeline on the door's thread; the match keeps no state, so any thread could. Where a path fits several
// routes the most literal one wins, segment by segment from the left: /products/by-barcode beats /products/{id}.
// Refuses at build: duplicate routes, two names for the parameter in one place, paths that are not clean.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/route.h"

namespace till::http {

/// Methods as bits, 1 << Method.
using MethodSet = uint8_t;

/// "GET, HEAD, PUT, OPTIONS": the Allow header of a set.
std::string allow_header(MethodSet methods);

class Router {
 public:
  /// The routes must outlive the router and stay where they are. An Error names the route that does not fit.
  static Result<Router> build(const Routes& routes);

  struct Match {
    const Route* route = nullptr;  // null: 404 if `allowed` is empty, else 405 (or an OPTIONS to answer)
    MethodSet allowed = 0;         // what the path takes, with HEAD where GET is and with OPTIONS
  };

  /// Appends the path's parameters to `params` if a route matched. HEAD finds GET's route. Allocates nothing else.
  Match find(Method method, std::string_view path, Pairs& params) const;

 private:
  static constexpr size_t kMethods = 7;
  static constexpr size_t kMaxParams = 8;
  static constexpr uint32_t kNone = 0;  // the root is nobody's child

  struct Child {
    std::string_view segment;
    uint32_t node;
  };
  struct Node {
    std::vector<Child> children;  // sorted by segment
    uint32_t any = kNone;         // the child that takes every segment
    std::string_view name;        // of the parameter, if this node is such a child
    std::array<const Route*, kMethods> routes{};
    MethodSet allowed = 0;
  };
  struct Captures {
    std::array<std::pair<std::string_view, std::string_view>, kMaxParams> pairs;
    size_t count = 0;
  };

  Status insert(const Route& route);
  Result<uint32_t> descend(uint32_t at, std::string_view segment, const Route& route);
  uint32_t literal_child(uint32_t at, std::string_view segment) const;
  const Node* walk(uint32_t at, std::string_view rest, Captures& captures) const;

  std::vector<Node> nodes_{1};
};

}  // namespace till::http
