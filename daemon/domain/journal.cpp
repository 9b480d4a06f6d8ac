#include "domain/journal.h"

#include <charconv>

#include "base/wire.h"
#include "crypto/hash.h"

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

// The strict inverse of the Encoder: the first thing that is wrong ends it, everything after reads as zero.
class Decoder {
 public:
  explicit Decoder(ByteView body) : in_(body) {}

  int64_t integer() {
    uint64_t bits = 0;
    const auto bytes = in_.fixed<8>();
    for (size_t i = bytes.size(); i-- > 0;) bits = bits << 8 | bytes[i];
    return static_cast<int64_t>(bits);
  }
  int64_t integer(int64_t least, int64_t most) {
    const int64_t value = integer();
    if (value < least || value > most) in_.fail();
    return in_.failed() ? 0 : value;
  }
  std::string text(int64_t most_characters) {
    const auto size = static_cast<size_t>(integer(0, most_characters * 4));
    const std::string_view found = as_text(in_.raw(size));
    if (!is_utf8(found)) in_.fail();
    return std::string(found);
  }
  size_t count(size_t most) { return static_cast<size_t>(integer(0, static_cast<int64_t>(most))); }
  Uuid id() { return in_.id(); }
  std::optional<Uuid> id_if_any() {
    const Uuid found = in_.id();
    return found.is_nil() ? std::nullopt : std::optional(found);
  }
  template <NamedEnum E>
  E enumerator() {
    return in_.enumerator(static_cast<E>(EnumNames<E>::names.size() - 1));
  }
  uint8_t byte() { return in_.byte(); }
  void fail() { in_.fail(); }
  [[nodiscard]] const ByteReader& state() const { return in_; }

 private:
  ByteReader in_;
};

// Far above what a sale can come to (2,000 lines of kMaxPrice), far below what sums of them could overflow.
constexpr int64_t kMaxAmount = 1'000'000'000'000'000;
constexpr int64_t kMaxTime = int64_t{1} << 46;  // in the year 4199: its hybrid clock still fits an integer
constexpr int64_t kMaxReceiptNumber = 100;      // a node's code (64), an epoch's tag and 19 digits
constexpr int64_t kMaxOnceKey = 64;

OrderLine decode_line(Decoder& in) {
  OrderLine line;
  line.product_id = in.id();
  line.name = in.text(200);
  line.quantity = in.integer(-kMaxQuantity, kMaxQuantity);
  line.unit_price = in.integer(0, kMaxPrice);
  if (const int64_t list_price = in.integer(-1, kMaxPrice); list_price >= 0) line.list_price = list_price;
  line.discount = in.integer(-kMaxAmount, kMaxAmount);
  line.tax_rate = in.integer(0, kPpm);
  line.tax = in.integer(-kMaxAmount, kMaxAmount);
  line.total = in.integer(-kMaxAmount, kMaxAmount);
  line.moved = in.integer(-kMaxQuantity, kMaxQuantity);
  line.price_version = in.integer(0, INT64_MAX);
  line.of_line_id = in.id_if_any();
  line.reason = in.text(200);
  return line;
}

void decode_head(Decoder& in, JournalBody& body) {
  Order& order = body.order;
  if (in.byte() != kJournalSchema) in.fail();
  order.kind = in.enumerator<OrderKind>();
  order.fulfilment = in.enumerator<Fulfilment>();
  order.id = in.id();
  order.receipt_number = in.text(kMaxReceiptNumber);
  order.created_at = order.updated_at = {in.integer(0, kMaxTime)};
  order.business_date = in.integer(1'01'01, 9999'12'31);
  order.cashier_id = in.id();
  order.currency = in.text(3);
  order.of_order_id = in.id_if_any();
  order.reason = in.text(200);
  order.subtotal = in.integer(-kMaxAmount, kMaxAmount);
  order.discount = in.integer(-kMaxAmount, kMaxAmount);
  order.tax = in.integer(-kMaxAmount, kMaxAmount);
  order.total = in.integer(-kMaxAmount, kMaxAmount);
  body.once_key = in.text(kMaxOnceKey);
}

void decode_payment(Decoder& in, Order& order) {
  Payment payment;
  payment.id = order.id.child(static_cast<uint16_t>(kPaymentIds + order.payments.size() + 1));
  payment.method = in.enumerator<Tender>();
  payment.amount = in.integer(-kMaxAmount, kMaxAmount);
  payment.tendered = in.integer(-kMaxAmount, kMaxAmount);
  payment.status = order.kind == OrderKind::sale ? PaymentStatus::captured : PaymentStatus::refunded;
  if (payment.amount >= 0) order.change += payment.tendered - payment.amount;
  order.payments.push_back(payment);
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

Result<JournalBody> read_journal_body(ByteView bytes) {
  Decoder in(bytes);
  JournalBody body;
  decode_head(in, body);
  Order& order = body.order;
  if (order.id.is_nil() || order.id != order.id.parent()) in.fail();
  for (size_t left = in.count(kMaxLines); left > 0 && !in.state().failed(); --left) {
    order.lines.push_back(decode_line(in));
    order.lines.back().id = order.id.child(static_cast<uint16_t>(order.lines.size()));
  }
  for (size_t left = in.count(kMaxPayments); left > 0 && !in.state().failed(); --left) decode_payment(in, order);
  if (order.kind == OrderKind::sale && order.fulfilment != Fulfilment::counter) order.status = OrderStatus::paid;
  if (!in.state().complete()) return Error{.code = Code::invalid, .message = "This is no order"};
  return body;
}

std::array<uint8_t, 32> journal_hash(const std::array<uint8_t, 32>& former, const Order& order,
                                     std::string_view once_key) {
  return crypto::Sha256().add(former).add(journal_body(order, once_key)).finish();
}

namespace {

// Numbers of parts are their ids, which the body does not hold.
template <class Part>
bool is_numbered(const std::vector<Part>& parts, size_t from) {
  for (size_t i = 0; i < parts.size(); ++i)
    if (parts[i].id.child_number() != from + i) return false;
  return true;
}

constexpr std::string_view kTagLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr size_t kTagLength = 4;

}  // namespace

std::string wrong_parts(const Order& order) {
  if (!is_numbered(order.lines, 1)) return "a line of it is missing";
  if (!is_numbered(order.payments, kPaymentIds + 1U)) return "a payment of it is missing";
  int64_t lines = 0, tax = 0, paid = 0;
  for (const OrderLine& line : order.lines) lines += line.total, tax += line.tax;
  for (const Payment& payment : order.payments) paid += payment.amount;
  if (lines != order.total) return "its lines do not add up to its total";
  if (tax != order.tax) return "its lines' taxes do not add up";
  if (paid != order.total) return "its payments do not add up to its total";
  return {};
}

std::string epoch_tag(ByteView epoch) {
  uint32_t bits = 0;
  for (size_t i = 0; i < 4 && i < epoch.size(); ++i) bits = bits << 8 | epoch[i];
  std::string tag;
  for (int shift = 15; shift >= 0; shift -= 5) tag += kTagLetters[bits >> shift & 31];
  return tag;
}

std::optional<Bytes> epoch_of_tag(std::string_view tag) {
  if (tag.size() != kTagLength) return std::nullopt;
  uint32_t bits = 0;
  for (const char letter : tag) {
    const size_t value = kTagLetters.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 5 | static_cast<uint32_t>(value);
  }
  Bytes epoch(4);
  for (size_t i = epoch.size(); i-- > 0; bits >>= 8) epoch[i] = static_cast<uint8_t>(bits & 0xFF);
  return epoch;
}

std::string receipt_number(std::string_view node_code, std::string_view tag, int64_t n) {
  std::string number(node_code);
  number.append("-").append(tag).append("-").append(std::to_string(n));
  return number;
}

std::optional<ReceiptNumber> read_receipt_number(std::string_view node_code, std::string_view number) {
  const size_t tag_at = node_code.size() + 1, n_at = tag_at + kTagLength + 1;
  if (number.size() <= n_at) return std::nullopt;
  ReceiptNumber read{.tag = std::string(number.substr(tag_at, kTagLength))};
  std::from_chars(number.data() + n_at, number.data() + number.size(), read.n);
  const bool same = read.n > 0 && epoch_of_tag(read.tag) && receipt_number(node_code, read.tag, read.n) == number;
  return same ? std::optional(std::move(read)) : std::nullopt;
}

}  // namespace till::domain
