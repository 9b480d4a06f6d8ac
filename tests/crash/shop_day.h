// What is done in a shop, as jobs for the writer (group.h): each picks what it works on when it runs. One writer's
// thread uses it at a time.
#pragma once

#include "crash/images.h"
#include "crash/node.h"

namespace till::crash {

class ShopDay {
 public:
  explicit ShopDay(Node& node) : node_(node) {}

  Work sell(int64_t pieces);
  /// Two lines; the first is written before the second is refused, for there is nothing of it.
  Work refused_sale();
  Work take_back();
  Work receive();
  Work hire();
  Work add();
  Work change(int64_t price);
  Work refused_edit();
  Work remove();
  Work place();
  /// The oldest that is placed; places one if there is none.
  Work pay();
  Work cancel();

 private:
  [[nodiscard]] Result<domain::Product> any_product();
  Answer place_one();

  Node& node_;
  size_t turn_ = 0;
  std::vector<Uuid> sold_, placed_;
};

/// Users and products. `attached`: a hub knows this node.
void open_shop(Node& node, bool attached);
/// The disk of a node to which this was done, and which was then killed.
Tree prepared(const std::function<void(Node&)>& work);

}  // namespace till::crash
