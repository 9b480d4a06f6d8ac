#include "api/dialects/shapes.h"

#include <iterator>

#include "api/dialects/forms.h"

namespace till::dialects {
namespace {

/// A row that is kept: what it is called, its members, and since when.
Keys row(Keys members) {
  members.insert(members.begin(), {{"id", "id"}, {"version", "version"}});
  members.insert(members.end(), {{"createdAt", "created_at"}, {"updatedAt", "updated_at"}});
  return members;
}

Keys joined(Keys keys, Keys more) {
  std::move(more.begin(), more.end(), std::back_inserter(keys));
  return keys;
}

Key in_path(std::string_view theirs, std::string_view ours) { return {theirs, ours, nullptr, {}, Place::path}; }
Key aside(std::string_view theirs, std::string_view ours, const Form* form = nullptr) {
  return {theirs, ours, form, {}, Place::aside};
}

Keys product_texts() {
  return {{"name", "name"},   {"description", "description"}, {"price", "price", &kMoney},
          {"brand", "brand"}, {"images", "images"},           {"categoryIds", "category_ids"},
          {"sku", "sku"}};
}

Keys postal_address() {
  return {{"fullName", "full_name"}, {"phone", "phone"}, {"street", "street"},
          {"city", "city"},          {"state", "state"}, {"postalCode", "postal_code"},
          {"country", "country"}};
}

Keys order_lines() { return {{"productId", "product_id"}, {"quantity", "quantity", &kPieces}}; }

Keys sold_lines() {
  return {{"productId", "product_id"},
          {"name", "name"},
          {"quantity", "quantity", &kPieces},
          {"price", "unit_price", &kMoney},
          {"total", "total", &kMoney}};
}

}  // namespace

Keys credentials() { return {{"email", "email"}, {"password", "password"}}; }

Keys signup() { return joined(credentials(), {{"username", "name"}, {"name", "name"}, {"role", "role", &kRole}}); }

Keys user_change() { return {{"username", "name"}, {"name", "name"}, {"email", "email"}, {"phone", "phone"}}; }

Keys user_row() {
  return row(
      {{"username", "name"}, {"name", "name"}, {"email", "email"}, {"phone", "phone"}, {"role", "role", &kRole}});
}

Keys address_body() { return joined(postal_address(), {{"isDefault", "is_default"}}); }

Keys address_row() { return row(address_body()); }

Keys new_product() { return joined(product_texts(), {{"stock", "stock", &kPieces}}); }

Keys product_change() {
  return joined(product_texts(), {aside("stock", "quantity", &kPieces), in_path("id", "id"), in_path("_id", "id")});
}

Keys product_row() { return row(joined(product_texts(), {{"slug", "slug"}, {"stock", "available", &kPieces}})); }

Keys category_body() { return {{"name", "name"}, {"description", "description"}, {"parentId", "parent_id"}}; }

Keys category_row() { return row(joined(category_body(), {{"slug", "slug"}})); }

Keys stock_body() { return {in_path("productId", "product_id"), {"quantity", "quantity", &kPieces}}; }

Keys count_body() { return joined(stock_body(), {{"stock", "quantity", &kPieces}}); }

Keys stock_row() {
  return {{"productId", "product_id"},
          {"stock", "available", &kPieces},
          {"quantity", "on_hand", &kPieces},
          {"reserved", "reserved", &kPieces},
          {"version", "version"}};
}

Keys reservation_row() {
  return {{"id", "id"},
          {"productId", "product_id"},
          {"quantity", "quantity", &kPieces},
          {"reason", "reason"},
          {"expiresAt", "expires_at"}};
}

Keys cart_body() { return order_lines(); }

Keys cart_quantity() { return {{"quantity", "quantity", &kPieces}}; }

Keys cart_row() {
  return {{"id", "id"},
          {"version", "version"},
          {"items", "lines", nullptr, sold_lines()},
          {"total", "total", &kMoney},
          {"currency", "currency"}};
}

Keys order_body() {
  return {{"items", "lines", nullptr, order_lines()}, {"products", "lines", nullptr, order_lines()}};
}

Keys charged_order_body() {
  return {{"shippingAddressId", "address_id"},
          {"charge", "payments", &kCharge},
          {"items", "lines", nullptr, order_lines()}};
}

Keys payment_body() {
  return {in_path("orderId", "id"),
          aside("method", "method", &kTender),
          aside("paymentMethod", "method", &kTender),
          aside("amount", "amount", &kMoney),
          aside("amount", "payments"),
          aside("token", "payments"),
          aside("card", "payments")};
}

Keys status_body() { return {{"status", "status", &kStatus}}; }

Keys order_row() {
  const Keys payments{{"method", "method"}, {"amount", "amount", &kMoney}, {"status", "status"}};
  return row({{"status", "status"},
              {"userId", "customer_id"},
              {"items", "lines", nullptr, sold_lines()},
              {"subtotal", "subtotal", &kMoney},
              {"tax", "tax", &kMoney},
              {"total", "total", &kMoney},
              {"currency", "currency"},
              {"payments", "payments", nullptr, payments},
              {"shippingAddress", "address", nullptr, postal_address()}});
}

}  // namespace till::dialects
