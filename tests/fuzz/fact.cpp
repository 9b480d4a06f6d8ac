// The bodies of envelopes and the rows of pages: orders (the journal's bytes), stock movements, edits, images. One
// value has one spelling: whatever is read is written as the very bytes it came as.
//
//   input = u8 which | body
#include "domain/journal.h"
#include "domain/stock_fact.h"
#include "domain/totals.h"
#include "fuzz/fuzz.h"
#include "sync/core/edit.h"

namespace till::fuzz {
namespace {

template <class Value>
void check_same(const Result<Value>& read, ByteView body, Bytes (*write)(const Value&)) {
  if (!read.ok()) return TILL_ASSERT(read.error().code == Code::invalid);
  const Bytes again = write(*read);
  TILL_ASSERT(std::equal(again.begin(), again.end(), body.begin(), body.end()));
}

Bytes write_order(const domain::JournalBody& body) { return domain::journal_body(body.order, body.once_key); }

void check_order(const domain::Order& order) {
  TILL_ASSERT(order.lines.size() <= domain::kMaxLines && order.payments.size() <= domain::kMaxPayments);
  TILL_ASSERT(parse_json(to_json(order)).ok());
  int64_t sum = 0;  // what any sum over an order adds up has to stay within 64 bits: UBSan looks
  for (const domain::OrderLine& line : order.lines) sum += line.total + line.tax + line.discount;
  for (const domain::Payment& payment : order.payments) sum += payment.amount + payment.tendered;
  static_cast<void>(sum);
  TILL_ASSERT(domain::wrong_parts(order).find("missing") == std::string::npos);  // the reader numbers them
}

}  // namespace

void run(Input in) {
  const size_t which = in.below(4);
  const ByteView body = in.rest();
  if (which == 0) {
    const auto read = domain::read_journal_body(body);
    check_same(read, body, write_order);
    if (read.ok()) check_order(read->order);
  } else if (which == 1) {
    check_same(domain::read_stock_body(body), body, domain::stock_body);
  } else if (which == 2) {
    check_same(core::read_edit(body), body, core::write_edit);
  } else {
    check_same(core::read_image(body), body, core::write_image);
    core::SetHash digest;
    digest.add(body);
    TILL_ASSERT(!(digest == core::SetHash{}));
    digest.remove(body);
    TILL_ASSERT(digest == core::SetHash{});
  }
}

}  // namespace till::fuzz
