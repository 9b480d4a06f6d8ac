// What somebody means to buy, priced as of now: the cart of a user, or of whoever works at a till. Parked under a name
// it waits for another day. A cart promises nothing: neither price nor stock.
#pragma once

#include "domain/order.h"

namespace till::domain {

struct CartLine {
  Uuid product_id{};
  std::string name;
  int64_t quantity = 0;
  int64_t unit_price = 0;
  int64_t tax = 0;
  int64_t total = 0;
  int64_t available = 0;
  bool active = true;

  int64_t product_row = 0;

  static constexpr std::string_view kName = "CartLine";
  static constexpr auto fields() {
    return std::tuple(field("product_id", &CartLine::product_id), field("name", &CartLine::name),
                      field("quantity", &CartLine::quantity).doc("thousandths"),
                      field("unit_price", &CartLine::unit_price).doc("as of now"), field("tax", &CartLine::tax),
                      field("total", &CartLine::total),
                      field("available", &CartLine::available).doc("what the shop has left of it"),
                      field("active", &CartLine::active).doc("false: it is not sold any more and has to be taken out"));
  }
};

struct Cart : Head {
  std::optional<std::string> name;
  std::vector<CartLine> lines;
  int64_t subtotal = 0;
  int64_t tax = 0;
  int64_t total = 0;
  std::string currency;

  // Not in answers.
  int64_t owner = 0;  // users.row; 0: a till's
  int64_t till = 0;
  bool shared = false;  // parked by staff: any of them may go on with it

  static constexpr std::string_view kName = "Cart";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Cart>(),
        std::tuple(field("name", &Cart::name).read_only().doc("parked under it; null: the current cart"),
                   field("lines", &Cart::lines).read_only(), field("subtotal", &Cart::subtotal).read_only(),
                   field("tax", &Cart::tax).read_only(), field("total", &Cart::total).read_only(),
                   field("currency", &Cart::currency).read_only()));
  }
};

// ---- what clients send

struct CartAddition {
  std::optional<Uuid> product_id;
  std::string sku;
  std::string barcode;
  int64_t quantity = kQuantityOne;

  static constexpr std::string_view kName = "CartLine";
  static constexpr auto fields() {
    return std::tuple(field("product_id", &CartAddition::product_id).doc("or sku, or barcode"),
                      field("sku", &CartAddition::sku).code(1, 64),
                      field("barcode", &CartAddition::barcode).code(1, 48),
                      field("quantity", &CartAddition::quantity)
                          .range(1, kMaxQuantity)
                          .doc("thousandths; 1000 if left out; comes on top of what is there"));
  }
};

struct CartQuantity {
  int64_t quantity = 0;

  static constexpr std::string_view kName = "CartQuantity";
  static constexpr auto fields() {
    return std::tuple(field("quantity", &CartQuantity::quantity)
                          .range(0, kMaxQuantity)
                          .required()
                          .doc("thousandths; 0 takes the line out"));
  }
};

struct CartName {
  std::string name;

  static constexpr std::string_view kName = "CartName";
  static constexpr auto fields() { return std::tuple(field("name", &CartName::name).text(1, 100).required()); }
};

}  // namespace till::domain
