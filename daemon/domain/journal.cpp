#include "domain/journal.h"

namespace till::domain {
namespace {

class Encoder {
 public:
  void byte(uint8_t value) { out_.push_back(value); }
  void integer(int64_t value) {
    auto bits = static_cast<uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8) out_.push_back(static_cast<uint8_t>(bits & 0xFF));
  }
  void text(std::string_view value) {
    integer(static_cast<int64_t>(value.size()));
    const ByteView bytes = as_bytes(value);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
  }
  void id(const Uuid& value) { out_.insert(out_.end(), value.bytes.begin(), value.bytes.end()); }
  Bytes take() && { return std::move(out_); }
  void reserve(size_t size) { out_.reserve(size); }

 private:
  Bytes out_;
};

void encode_line(Encoder& out, const OrderLine& line) {
  out.id(line.product_id);
  out.text(line.name);
  out.integer(line.quantity);
  out.integer(line.unit_price);
  out.integer(line.list_price.value_or(-1));
  out.integer(line.discount);
  out.integer(line.tax_rate);
  out.integer(line.tax);
  out.integer(line.total);
  out.integer(line.moved);
  out.integer(line.price_version);
  out.id(line.of_line_id.value_or(Uuid{}));
  out.text(line.reason);
}

}  // namespace

Bytes journal_body(const Order& order, std::string_view once_key) {
  Encoder out;
  out.reserve(256 + order.lines.size() * 192);
  out.byte(kJournalSchema);
  out.byte(static_cast<uint8_t>(order.kind));
  out.byte(static_cast<uint8_t>(order.fulfilment));
  out.id(order.id);
  out.text(order.receipt_number);
  out.integer(order.created_at.ms);
  out.integer(order.business_date);
  out.id(order.cashier_id);
  out.text(order.currency);
  out.id(order.of_order_id.value_or(Uuid{}));
  out.text(order.reason);
  out.integer(order.subtotal);
  out.integer(order.discount);
  out.integer(order.tax);
  out.integer(order.total);
  out.text(once_key);
  out.integer(static_cast<int64_t>(order.lines.size()));
  for (const OrderLine& line : order.lines) encode_line(out, line);
  out.integer(static_cast<int64_t>(order.payments.size()));
  for (const Payment& payment : order.payments) {
    out.byte(static_cast<uint8_t>(payment.method));
    out.integer(payment.amount);
    out.integer(payment.tendered);
  }
  return std::move(out).take();
}

std::string epoch_tag(ByteView epoch) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  uint32_t bits = 0;
  for (size_t i = 0; i < 4 && i < epoch.size(); ++i) bits = bits << 8 | epoch[i];
  std::string tag;
  for (int shift = 15; shift >= 0; shift -= 5) tag += kAlphabet[bits >> shift & 31];
  return tag;
}

std::string receipt_number(std::string_view node_code, std::string_view tag, int64_t n) {
  std::string number(node_code);
  number.append("-").append(tag).append("-").append(std::to_string(n));
  return number;
}

}  // namespace till::domain
