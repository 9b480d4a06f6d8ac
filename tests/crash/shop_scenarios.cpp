// A day in the shop: sales, returns, edits, orders. The groups hold several jobs, some of which are refused after they
// wrote something.
#include "crash/shop_day.h"

namespace till::crash {
namespace {

constexpr int kGroups = 60;

using Day = std::function<Work(ShopDay&, Chance&)>;

Scenario scenario(const std::string& name, int64_t fold_after, bool attached, const Day& next) {
  return {.name = name,
          .prepare = [attached] { return prepared([&](Node& node) { open_shop(node, attached); }); },
          .play =
              [fold_after, next](Story& story) {
                Node node(fold_after);
                must(node.start(), "start");
                node.serve();
                ShopDay day(node);
                Chance chance(1);
                for (int i = 0; i < kGroups; ++i) {
                  std::vector<Work> works;
                  for (uint64_t n = 1 + chance() % 4; n > 0; --n) works.push_back(next(day, chance));
                  for (const Status& told : node.together(story, std::move(works)))
                    if (!told && told.error().code != Code::conflict) must(told, "a job");
                }
              },
          .make = [] { return std::make_unique<Node>(); }};
}

Work any_sale(ShopDay& day, Chance& chance) {
  switch (chance() % 8) {
    case 0:
      return day.refused_sale();
    case 1:
      return day.take_back();
    case 2:
      return day.receive();
    default:
      return day.sell(static_cast<int64_t>(1 + chance() % 3));
  }
}

Work any_edit(ShopDay& day, Chance& chance) {
  switch (chance() % 8) {
    case 0:
      return day.add();
    case 1:
      return day.remove();
    case 2:
      return day.refused_edit();
    case 3:
      return day.sell(1);
    default:
      return day.change(static_cast<int64_t>(chance() % 1000));
  }
}

Work any_order(ShopDay& day, Chance& chance) {
  switch (chance() % 4) {
    case 0:
      return day.pay();
    case 1:
      return day.cancel();
    default:
      return day.place();
  }
}

}  // namespace

std::vector<Scenario> shop_scenarios() {
  return {scenario("sale", 48, false, any_sale),       // the WAL is folded in now and then
          scenario("fold", 1, false, any_sale),        // … after each group
          scenario("long", 100'000, false, any_sale),  // … only when the writer stops
          scenario("edit", 48, true, any_edit), scenario("order", 48, false, any_order)};
}

}  // namespace till::crash
