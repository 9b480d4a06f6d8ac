// A sale, a return or a void: a fact with its lines and payments (D11, D14, D19). Facts are written once; only the
// status of an order moves on, and what was sold stays as it was sold.
#pragma once

#include "domain/head.h"
#include "domain/money.h"
#include "domain/postal_address.h"
#include "domain/product.h"

namespace till::domain {

inline constexpr size_t kMaxLines = 2000;  // real invoices have over 600
inline constexpr size_t kMaxPayments = 16;
inline constexpr int64_t kMaxTendered = 1'000'000'000'000;
/// Ids of payments stand above those of lines: payment n of an order is its child 0x8000 + n.
inline constexpr uint16_t kPaymentIds = 0x8000;

// All stored as their numbers: append only.
enum class OrderKind : uint8_t { sale, return_, void_ };
enum class Fulfilment : uint8_t { counter, pickup, delivery };
enum class OrderStatus : uint8_t { pending, paid, shipped, delivered, completed, cancelled, voided };
enum class Tender : uint8_t { cash, card };
enum class PaymentStatus : uint8_t { captured, refunded };

}  // namespace till::domain

template <>
struct till::EnumNames<till::domain::OrderKind> {
  static constexpr std::array<std::string_view, 3> names{"sale", "return", "void"};
};
template <>
struct till::EnumNames<till::domain::Fulfilment> {
  static constexpr std::array<std::string_view, 3> names{"counter", "pickup", "delivery"};
};
template <>
struct till::EnumNames<till::domain::OrderStatus> {
  static constexpr std::array<std::string_view, 7> names{"PENDING",   "PAID",      "SHIPPED", "DELIVERED",
                                                         "COMPLETED", "CANCELLED", "VOIDED"};
};
template <>
struct till::EnumNames<till::domain::Tender> {
  static constexpr std::array<std::string_view, 2> names{"cash", "card"};
};
template <>
struct till::EnumNames<till::domain::PaymentStatus> {
  static constexpr std::array<std::string_view, 2> names{"captured", "refunded"};
};

namespace till::domain {

/// One line as sold. Its id is the order's with the line's number (base/id.h, child): lines have no id column.
struct OrderLine {
  Uuid id{};
  Uuid product_id{};
  std::string name{};
  int64_t quantity = 0;
  int64_t unit_price = 0;
  std::optional<int64_t> list_price{};
  int64_t discount = 0;
  int64_t tax_rate = 0;
  int64_t tax = 0;
  int64_t total = 0;
  std::string reason{};
  std::optional<Uuid> of_line_id{};
  int64_t moved = 0;

  // Not in answers: row ids and links inside the database.
  int64_t product_row = 0;
  int64_t of_line_row = 0;
  int64_t price_version = 0;
  bool ran_low = false;  // it brought its product to the low-stock threshold, with so much
  int64_t left = 0;      // left

  static constexpr std::string_view kName = "OrderLine";
  static constexpr auto fields() {
    return std::tuple(
        field("id", &OrderLine::id), field("product_id", &OrderLine::product_id),
        field("name", &OrderLine::name).doc("as sold"), field("quantity", &OrderLine::quantity).doc("thousandths"),
        field("unit_price", &OrderLine::unit_price).doc("as sold"),
        field("list_price", &OrderLine::list_price).doc("null: sold at list price"),
        field("discount", &OrderLine::discount), field("tax_rate", &OrderLine::tax_rate).doc("parts per million"),
        field("tax", &OrderLine::tax), field("total", &OrderLine::total).doc("paid for this line, tax included"),
        field("reason", &OrderLine::reason).doc("of another price, a discount or a return"),
        field("of_line_id", &OrderLine::of_line_id).doc("returns: the line that comes back"),
        field("moved", &OrderLine::moved).doc("what this line did to the stock, thousandths"));
  }
};

struct Payment {
  Uuid id{};
  Tender method = Tender::cash;
  int64_t amount = 0;
  int64_t tendered = 0;
  PaymentStatus status = PaymentStatus::captured;
  std::string reference{};  // of whoever holds the money: the card's charge

  static constexpr std::string_view kName = "Payment";
  static constexpr auto fields() {
    return std::tuple(field("id", &Payment::id), field("method", &Payment::method),
                      field("amount", &Payment::amount).doc("of the order paid by this; negative: given back"),
                      field("tendered", &Payment::tendered).doc("handed over"), field("status", &Payment::status),
                      field("reference", &Payment::reference).doc("cards: the charge or refund; empty: cash"));
  }
};

struct Order : Head {
  OrderKind kind = OrderKind::sale;
  std::optional<Uuid> of_order_id;
  Fulfilment fulfilment = Fulfilment::counter;
  OrderStatus status = OrderStatus::completed;
  std::string receipt_number;
  int64_t business_date = 0;
  Uuid cashier_id{};
  std::string currency;
  int64_t subtotal = 0;
  int64_t discount = 0;
  int64_t tax = 0;
  int64_t total = 0;
  int64_t change = 0;
  std::string reason;
  bool oversold = false;
  std::vector<OrderLine> lines;
  std::vector<Payment> payments;
  std::optional<Uuid> customer_id{};
  std::optional<Time> placed_at{};
  std::optional<Time> reserved_until{};
  std::optional<Uuid> shipment_id{};
  std::optional<PostalAddress> address{};

  // Not in answers.
  int64_t customer_row = 0;
  int64_t place = 0;  // its row in placed_orders; 0: it was sold at once
  int64_t epoch_row = 0;
  int64_t receipt_n = 0;
  int64_t cashier_row = 0;
  int64_t of_order_row = 0;
  std::array<uint8_t, 32> hash{};
  int64_t hlc = 0;                  // sync/core/hlc.h
  std::array<uint8_t, 16> trace{};  // of the request that made it; zero: none

  static constexpr std::string_view kName = "Order";
  static constexpr auto fields() {
    return std::tuple_cat(
        head_fields<Order>(),
        std::tuple(field("kind", &Order::kind).read_only(), field("of_order_id", &Order::of_order_id).read_only(),
                   field("fulfilment", &Order::fulfilment).read_only(), field("status", &Order::status).read_only(),
                   field("receipt_number", &Order::receipt_number)
                       .read_only()
                       .doc("<node code>-<epoch tag>-<n>; empty until it is paid"),
                   field("business_date", &Order::business_date).read_only().doc("20101222"),
                   field("cashier_id", &Order::cashier_id).read_only(), field("currency", &Order::currency).read_only(),
                   field("subtotal", &Order::subtotal).read_only().doc("before discounts"),
                   field("discount", &Order::discount).read_only(), field("tax", &Order::tax).read_only(),
                   field("total", &Order::total).read_only(), field("change", &Order::change).read_only(),
                   field("reason", &Order::reason).read_only(),
                   field("oversold", &Order::oversold).read_only().doc("more was sold than the book had"),
                   field("lines", &Order::lines).read_only(), field("payments", &Order::payments).read_only(),
                   field("customer_id", &Order::customer_id).read_only().doc("whose order it is; null: nobody known"),
                   field("placed_at", &Order::placed_at).read_only().doc("when it was ordered; null: sold at once"),
                   field("reserved_until", &Order::reserved_until)
                       .read_only()
                       .doc("PENDING: how long its goods are held back; null: they are not"),
                   field("shipment_id", &Order::shipment_id).read_only(),
                   field("address", &Order::address).read_only().doc("deliveries: where to")));
  }
};

/// Which orders a list shows; what is not set does not matter.
struct OrderFilter {
  std::optional<int64_t> business_date;
  std::optional<domain::OrderKind> kind;
  std::optional<domain::OrderStatus> status;
  std::string receipt_number;
  std::optional<int64_t> receipt_n;  // its last part, if there is a receipt_number
  std::optional<domain::Fulfilment> fulfilment;
  std::optional<int64_t> customer_row;
  std::optional<Uuid> customer_id;  // becomes customer_row
};

// ---- what clients send -----------------------------------------------------------------------------------------

struct LineDraft {
  std::optional<Uuid> product_id{};
  std::string sku{};
  std::string barcode{};
  int64_t quantity = kQuantityOne;
  std::optional<int64_t> unit_price{};
  int64_t discount = 0;
  std::string reason{};

  static constexpr std::string_view kName = "LineDraft";
  static constexpr auto fields() {
    return std::tuple(
        field("product_id", &LineDraft::product_id).doc("or sku, or barcode"),
        field("sku", &LineDraft::sku).code(1, 64), field("barcode", &LineDraft::barcode).code(1, 48),
        field("quantity", &LineDraft::quantity).range(1, kMaxQuantity).doc("thousandths; 1000 if left out"),
        field("unit_price", &LineDraft::unit_price)
            .range(0, kMaxPrice)
            .doc("another price than the list's needs a reason"),
        field("discount", &LineDraft::discount).range(0, kMaxPrice).doc("off this line; needs a reason"),
        field("reason", &LineDraft::reason).text(1, 200));
  }
};

struct PaymentDraft {
  Tender method = Tender::cash;
  std::optional<int64_t> tendered{};
  std::optional<int64_t> amount{};
  std::string token{};

  static constexpr std::string_view kName = "PaymentDraft";
  static constexpr auto fields() {
    return std::tuple(
        field("method", &PaymentDraft::method).required(),
        field("tendered", &PaymentDraft::tendered).range(0, kMaxTendered).doc("cash: minor units handed over"),
        field("amount", &PaymentDraft::amount)
            .range(1, kMaxTendered)
            .doc("card: of the total; what is left if left out"),
        field("token", &PaymentDraft::token)
            .code(1, 255)
            .doc("card: the payment provider's token of it, never its number"));
  }
};

struct OrderDraft {
  Fulfilment fulfilment = Fulfilment::counter;
  std::vector<LineDraft> lines{};
  std::vector<PaymentDraft> payments{};
  std::optional<Uuid> address_id{};
  std::optional<PostalAddress> address{};
  std::optional<Uuid> customer_id{};
  std::optional<int64_t> cart_version{};

  static constexpr std::string_view kName = "Order";
  static constexpr auto fields() {
    return std::tuple(
        field("fulfilment", &OrderDraft::fulfilment).required(),
        field("lines", &OrderDraft::lines).items(kMaxLines).doc("none: what is in the caller's cart, which it empties"),
        field("payments", &OrderDraft::payments)
            .items(kMaxPayments)
            .doc("a counter sale is paid at once; another order may be PENDING until it is"),
        field("address_id", &OrderDraft::address_id).doc("deliveries: one of the customer's addresses, or"),
        field("address", &OrderDraft::address).doc("one written here"),
        field("customer_id", &OrderDraft::customer_id).doc("staff: whom the order is for"),
        field("cart_version", &OrderDraft::cart_version).range(0, INT64_MAX).doc("the cart must be this one"));
  }
};

/// A placed order is paid.
struct OrderPayment {
  std::vector<PaymentDraft> payments;

  static constexpr std::string_view kName = "OrderPayment";
  static constexpr auto fields() {
    return std::tuple(field("payments", &OrderPayment::payments).items(kMaxPayments).required());
  }
};

/// An order takes a step (domain/order_steps.h).
struct StatusChange {
  OrderStatus status = OrderStatus::pending;
  std::string reason;

  static constexpr std::string_view kName = "OrderStatus";
  static constexpr auto fields() {
    return std::tuple(field("status", &StatusChange::status).required(),
                      field("reason", &StatusChange::reason).text(1, 200));
  }
};

struct Cancellation {
  std::string reason;

  static constexpr std::string_view kName = "Cancellation";
  static constexpr auto fields() { return std::tuple(field("reason", &Cancellation::reason).text(1, 200)); }
};

struct RefundDraft {
  Tender method = Tender::cash;

  static constexpr std::string_view kName = "RefundDraft";
  static constexpr auto fields() { return std::tuple(field("method", &RefundDraft::method).required()); }
};

struct ReturnLineDraft {
  Uuid line_id{};
  int64_t quantity = 0;
  bool restock = true;

  static constexpr std::string_view kName = "ReturnLineDraft";
  static constexpr auto fields() {
    return std::tuple(
        field("line_id", &ReturnLineDraft::line_id).required(),
        field("quantity", &ReturnLineDraft::quantity).range(1, kMaxQuantity).required(),
        field("restock", &ReturnLineDraft::restock).doc("false: the goods are not put back on the shelf"));
  }
};

/// Goods of a known sale come back.
struct ReturnDraft {
  std::vector<ReturnLineDraft> lines;
  std::string reason;
  RefundDraft refund;

  static constexpr std::string_view kName = "Return";
  static constexpr auto fields() {
    return std::tuple(field("lines", &ReturnDraft::lines).items(kMaxLines).required(),
                      field("reason", &ReturnDraft::reason).text(1, 200).required(),
                      field("refund", &ReturnDraft::refund).required());
  }
};

struct BlindLineDraft {
  std::optional<Uuid> product_id;
  std::string sku;
  std::string barcode;
  int64_t quantity = kQuantityOne;
  std::optional<int64_t> unit_price;
  int64_t discount = 0;
  bool restock = true;

  static constexpr std::string_view kName = "BlindLineDraft";
  static constexpr auto fields() {
    return std::tuple(
        field("product_id", &BlindLineDraft::product_id).doc("or sku, or barcode"),
        field("sku", &BlindLineDraft::sku).code(1, 64), field("barcode", &BlindLineDraft::barcode).code(1, 48),
        field("quantity", &BlindLineDraft::quantity).range(1, kMaxQuantity).required(),
        field("unit_price", &BlindLineDraft::unit_price)
            .range(0, kMaxPrice)
            .doc("what was paid; the list price if left out"),
        field("discount", &BlindLineDraft::discount).range(0, kMaxPrice).doc("that was given on this line"),
        field("restock", &BlindLineDraft::restock));
  }
};

/// Goods come back whose sale is not known here: a manager's decision.
struct BlindReturnDraft {
  std::vector<BlindLineDraft> lines;
  std::string reason;
  RefundDraft refund;

  static constexpr std::string_view kName = "BlindReturn";
  static constexpr auto fields() {
    return std::tuple(field("lines", &BlindReturnDraft::lines).items(kMaxLines).required(),
                      field("reason", &BlindReturnDraft::reason).text(1, 200).required(),
                      field("refund", &BlindReturnDraft::refund).required());
  }
};

struct VoidDraft {
  std::string reason;

  static constexpr std::string_view kName = "Void";
  static constexpr auto fields() { return std::tuple(field("reason", &VoidDraft::reason).text(1, 200).required()); }
};

}  // namespace till::domain
