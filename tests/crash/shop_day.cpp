#include "crash/shop_day.h"

namespace till::crash {
namespace {

constexpr int kProducts = 6;

Answer promised(const Result<services::Sold>& sold) {
  if (!sold) return sold.error();
  return std::vector<Promise>{promise_of(sold->order)};
}

}  // namespace

void open_shop(Node& node, bool attached) {
  must(node.alone([&] { return node.hire(); }), "hire");
  must(node.find_manager(), "manager");
  if (attached) node.attach();
  for (int i = 1; i <= kProducts; ++i) node.add_product("Product " + std::to_string(i), 100 * i, 1000);
  node.add_product(kScarce, 1, 0, domain::StockPolicy::block);
}

Tree prepared(const std::function<void(Node&)>& work) {
  Disk disk;
  Disk::use(&disk);
  Node node;
  must(node.start(), "first start");
  work(node);
  disk.cut();  // killed: its log stays beside the file
  return disk.tree();
}

Result<domain::Product> ShopDay::any_product() {
  TILL_TRY(const auto page, store::list_products(node_.db(), {}, {.limit = 100}));
  std::vector<domain::Product> plenty;
  for (const domain::Product& product : page.items)
    if (product.sku != kScarce) plenty.push_back(product);
  return plenty[turn_++ % plenty.size()];
}

Work ShopDay::sell(int64_t pieces) {
  return [this, pieces]() -> Answer {
    node_.clock.advance_ms(1000);
    TILL_TRY(const auto product, any_product());
    auto sold = node_.shop->selling.sell(node_.sale_of(product, pieces), node_.manager, std::nullopt);
    if (sold) sold_.push_back(sold->order.id);
    return promised(sold);
  };
}

Work ShopDay::refused_sale() {
  return [this]() -> Answer {
    TILL_TRY(const auto product, any_product());
    TILL_TRY(const auto scarce, store::find_by_sku(node_.db(), kScarce));
    auto draft = node_.sale_of(product, 1);
    draft.lines.push_back(node_.sale_of(*scarce, 1).lines[0]);
    return promised(node_.shop->selling.sell(draft, node_.manager, std::nullopt));
  };
}

Work ShopDay::take_back() {
  return [this]() -> Answer {
    if (sold_.empty()) return sell(1)();
    TILL_TRY(const auto sale, store::get_order(node_.db(), node_.identity, sold_.back(), store::As::now));
    sold_.pop_back();
    const domain::ReturnDraft draft{.lines = {{.line_id = sale.lines[0].id, .quantity = domain::kQuantityOne}},
                                    .reason = "too small",
                                    .refund = {}};
    return promised(node_.shop->returns.take_back(sale.id, draft, node_.manager, std::nullopt));
  };
}

Work ShopDay::receive() {
  return [this]() -> Answer {
    TILL_TRY(const auto product, any_product());
    TILL_TRY(const auto stock, node_.shop->inventory.book(product.id, domain::StockEntryKind::receive,
                                                          {5 * domain::kQuantityOne, "delivery"}, node_.manager));
    static_cast<void>(stock);
    return std::vector<Promise>{};
  };
}

Work ShopDay::hire() {
  return [this]() -> Answer {
    TILL_CHECK(node_.hire());
    TILL_CHECK(node_.find_manager());
    return std::vector<Promise>{};
  };
}

Work ShopDay::add() {
  return [this]() -> Answer {
    domain::Product product;
    product.name = product.sku = "New " + std::to_string(turn_++);
    product.price = 5;
    product.stock = 7 * domain::kQuantityOne;
    TILL_TRY(product, node_.shop->catalogue.add_product(product, node_.manager));
    return std::vector<Promise>{promise_of(product)};
  };
}

Work ShopDay::change(int64_t price) {
  return [this, price]() -> Answer {
    node_.clock.advance_ms(1000);
    TILL_TRY(auto product, any_product());
    const auto wanted = patch_from_json<domain::Product>(*parse_json(
        "{\"price\": " + std::to_string(price) + ", \"description\": \"now " + std::to_string(turn_) + "\"}"));
    TILL_TRY(product, node_.shop->catalogue.change_product(product.id, product.version, *wanted, node_.manager));
    return std::vector<Promise>{promise_of(product)};
  };
}

Work ShopDay::refused_edit() {
  return [this]() -> Answer {
    TILL_TRY(const auto product, any_product());
    const auto wanted =
        patch_from_json<domain::Product>(*parse_json(std::string(R"({"brand": ")") + kRefusedBrand + "\"}"));
    TILL_TRY(const auto changed,
             node_.shop->catalogue.change_product(product.id, product.version, *wanted, node_.manager));
    static_cast<void>(changed);
    return Error{.code = Code::conflict, .message = "refused after all"};
  };
}

Work ShopDay::remove() {
  return [this]() -> Answer {
    TILL_TRY(const auto product, any_product());
    TILL_CHECK(node_.shop->catalogue.remove_product(product.id, product.version, node_.manager));
    return std::vector<Promise>{{.what = promise_of(product).what, .version = product.version + 1}};
  };
}

Answer ShopDay::place_one() {
  node_.clock.advance_ms(1000);
  TILL_TRY(const auto product, any_product());
  auto draft = node_.sale_of(product, 2);
  draft.payments.clear();
  draft.fulfilment = domain::Fulfilment::pickup;
  auto placed = node_.shop->selling.sell(draft, node_.manager, std::nullopt);
  if (placed) placed_.push_back(placed->order.id);
  return promised(placed);
}

Work ShopDay::place() {
  return [this] { return place_one(); };
}

Work ShopDay::pay() {
  return [this]() -> Answer {
    if (placed_.empty()) return place_one();
    const Uuid id = placed_.front();
    placed_.erase(placed_.begin());
    return promised(node_.shop->selling.pay(id, {{.tendered = 1'000'000}}, node_.manager, std::nullopt));
  };
}

Work ShopDay::cancel() {
  return [this]() -> Answer {
    if (placed_.empty()) return place_one();
    const Uuid id = placed_.front();
    placed_.erase(placed_.begin());
    TILL_TRY(const auto order, node_.shop->orders.cancel(id, "changed my mind", node_.manager));
    return std::vector<Promise>{promise_of(order)};
  };
}

}  // namespace till::crash
