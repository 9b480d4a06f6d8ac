// Carts: whose they are, what they cost now, parking, and that an order empties one in its own commit.
#include "support/shop_fixture.h"

using namespace till;
using namespace till::test;
using domain::Cart;
using domain::Product;

namespace {

struct Aisle {
  ShopFixture shop{};
  http::Caller customer = shop.caller(Role::customer);
  http::Caller cashier = shop.caller(Role::cashier);
  Product cup = shop.add_product("Cup", 1999, 5);
  Product bag = shop.add_product("Bag", 333, 5);

  services::Carts& carts() { return shop.shop->carts; }
  Result<Cart> add(const Product& product, int64_t quantity, const http::Caller& who) {
    domain::CartAddition wanted;
    wanted.product_id = product.id;
    wanted.quantity = quantity;
    return shop.write([&] { return carts().add(wanted, who); });
  }
  Result<Cart> set(const Product& product, int64_t quantity, int64_t version, const http::Caller& who) {
    return shop.write([&] { return carts().set_quantity(product.id, quantity, version, who); });
  }
};

}  // namespace

TEST_CASE("a cart adds up, at the prices of now") {
  Aisle aisle;
  CHECK(aisle.carts().get(aisle.customer)->version == 0);
  REQUIRE(aisle.add(aisle.cup, 1000, aisle.customer).ok());
  REQUIRE(aisle.add(aisle.bag, 1000, aisle.customer).ok());
  const Cart cart = aisle.add(aisle.cup, 1000, aisle.customer).value();
  REQUIRE(cart.lines.size() == 2);
  CHECK(cart.lines[0].name == "Cup");
  CHECK(cart.lines[0].quantity == 2000);
  CHECK(cart.total == 2 * 1999 + 333);
  REQUIRE(aisle.shop.change(aisle.cup, R"({"price": 1000})").ok());
  const Cart now = aisle.carts().get(aisle.customer).value();
  CHECK(now.total == 2333);
  CHECK(now.version == cart.version);
  CHECK(aisle.carts().get(aisle.cashier)->lines.empty());
}

TEST_CASE("of two writers of one cart one wins") {
  Aisle aisle;
  const Cart seen = aisle.add(aisle.cup, 1000, aisle.customer).value();
  REQUIRE(aisle.set(aisle.cup, 3000, seen.version, aisle.customer).ok());
  const auto late = aisle.set(aisle.cup, 5000, seen.version, aisle.customer);
  CHECK(late.error().code == Code::stale);
  CHECK(late.error().current.find("3000") != std::string::npos);
  const Cart now = aisle.carts().get(aisle.customer).value();
  CHECK(aisle.set(aisle.bag, 1000, now.version, aisle.customer).error().code == Code::not_found);
  CHECK(aisle.set(aisle.cup, 0, now.version, aisle.customer)->lines.empty());
}

TEST_CASE("what cannot be put into a cart") {
  Aisle aisle;
  domain::CartAddition nothing;
  CHECK(aisle.shop.write([&] { return aisle.carts().add(nothing, aisle.customer); }).error().fields[0].code ==
        "one_of");
  CHECK(aisle.add(aisle.cup, domain::kMaxQuantity, aisle.customer).ok());
  CHECK(aisle.add(aisle.cup, 1, aisle.customer).error().fields[0].pointer == "/quantity");
  REQUIRE(aisle.shop.change(aisle.bag, R"({"active": false})").ok());
  CHECK(aisle.add(aisle.bag, 1000, aisle.customer).error().fields[0].code == "inactive");
}

TEST_CASE("a cart is parked and gone on with, by whoever may") {
  Aisle aisle;
  auto park = [&](const http::Caller& who) {
    return aisle.shop.write([&] { return aisle.carts().park("Mr Hat", who); });
  };
  auto resume = [&](const Uuid& id, const http::Caller& who) {
    return aisle.shop.write([&] { return aisle.carts().resume(id, who); });
  };
  CHECK(park(aisle.cashier).error().reason == "cart_empty");
  REQUIRE(aisle.add(aisle.cup, 1000, aisle.cashier).ok());
  const Cart parked = park(aisle.cashier).value();
  CHECK(aisle.carts().get(aisle.cashier)->lines.empty());
  CHECK(aisle.carts().list_parked(aisle.shop.caller(Role::manager), {})->items.size() == 1);
  CHECK(aisle.carts().list_parked(aisle.customer, {})->items.empty());
  CHECK(resume(parked.id, aisle.customer).error().code == Code::not_found);
  REQUIRE(aisle.add(aisle.bag, 1000, aisle.shop.caller(Role::manager)).ok());
  CHECK(resume(parked.id, aisle.shop.caller(Role::manager)).error().reason == "cart_in_use");
  const Cart going_on = resume(parked.id, aisle.cashier).value();
  CHECK(going_on.lines.size() == 1);
  CHECK_FALSE(going_on.name.has_value());
  CHECK(aisle.carts().get(aisle.cashier)->id == parked.id);
  CHECK(resume(parked.id, aisle.cashier).error().code == Code::not_found);
}

TEST_CASE("a till has one cart, whoever works at it") {
  Aisle aisle;
  http::Caller at_till = aisle.cashier, other = aisle.shop.caller(Role::manager);
  at_till.till = other.till = 7;
  REQUIRE(aisle.add(aisle.cup, 1000, at_till).ok());
  CHECK(aisle.carts().get(other)->lines.size() == 1);
  CHECK(aisle.carts().get(aisle.cashier)->lines.empty());
}

TEST_CASE("an order empties the cart in its own commit, and only once") {
  Aisle aisle;
  const Cart cart = aisle.add(aisle.cup, 2000, aisle.cashier).value();
  auto check_out = [&](std::optional<int64_t> version, int64_t tendered) {
    return aisle.shop.write([&] {
      return aisle.shop.shop->selling.sell({.payments = {{.tendered = tendered}}, .cart_version = version},
                                           aisle.cashier, {});
    });
  };
  CHECK(check_out(cart.version + 1, 9000).error().code == Code::stale);
  CHECK(check_out({}, 1).error().reason == "underpaid");
  CHECK(aisle.carts().get(aisle.cashier)->lines.size() == 1);  // nothing was lost by what was refused
  const auto sold = check_out(cart.version, 9000);
  REQUIRE(sold.ok());
  CHECK(sold->order.total == cart.total);
  CHECK(aisle.carts().get(aisle.cashier)->lines.empty());
  CHECK(check_out({}, 9000).error().reason == "cart_empty");
  aisle.shop.check_books();
}
