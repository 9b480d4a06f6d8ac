#include "sync/hub/receipts.h"

#include <algorithm>
#include <charconv>

#include "crypto/hash.h"

namespace till::hub {
namespace {

bool follows(const Receipt& receipt, const core::Hash& former) {
  return crypto::Sha256().add(former).add(receipt.body).finish() == receipt.hash;
}

// "A1-K7QD-12": its series with the last dash, and 12; 0 if it ends in no number.
std::pair<std::string, int64_t> split_number(const std::string& number) {
  const size_t digits = number.rfind('-') + 1;  // 0 if there is none
  int64_t n = 0;
  std::from_chars(number.data() + digits, number.data() + number.size(), n);
  return {number.substr(0, digits), n};
}

}  // namespace

std::optional<Receipt> split_receipt(ByteView bytes) {
  Receipt receipt;
  if (bytes.size() <= receipt.hash.size()) return std::nullopt;
  receipt.body = bytes.first(bytes.size() - receipt.hash.size());
  const ByteView hash = bytes.last(receipt.hash.size());
  std::copy(hash.begin(), hash.end(), receipt.hash.begin());
  return receipt;
}

Result<Link> link_of(sqlite::Connection& db, const Receipt& receipt, const core::Hash& former, int64_t store,
                     const std::string& number) {
  if (follows(receipt, former)) return Link::follows;
  const auto [series, n] = split_number(number);
  if (n <= 1) return Link::first;
  auto query = db.query("SELECT substr(body, -32) FROM facts WHERE receipt = ? AND store = ?",
                        series + std::to_string(n - 1), store);
  Link link = Link::unproven;
  while (link != Link::follows && query.next())
    link = follows(receipt, query.get<core::Hash>(0)) ? Link::follows : Link::broken;
  TILL_CHECK(query.status());
  return link;
}

Result<std::optional<Uuid>> find_twin(sqlite::Connection& db, int64_t store, const std::string& number,
                                      const Uuid& uid) {
  return db.value<Uuid>("SELECT uid FROM facts WHERE receipt = ? AND store = ? AND uid <> ? LIMIT 1", number, store,
                        uid.bytes);
}

Result<ReceiptsReport> verify_receipts(sqlite::Connection& db) {
  ReceiptsReport report;
  auto query = db.query("SELECT store, receipt, body FROM facts WHERE receipt IS NOT NULL ORDER BY row");
  while (query.next()) {
    const auto number = query.get<std::string>(1);
    const auto body = query.get<Bytes>(2);
    const auto receipt = split_receipt(body);
    TILL_ASSERT(receipt.has_value());
    TILL_TRY(const Link link, link_of(db, *receipt, core::Hash{}, query.get<int64_t>(0), number));
    ++report.receipts;
    report.unproven += link == Link::unproven;
    report.broken += link == Link::broken;
    if (link == Link::broken && report.fault.empty())
      report.fault = number + ": its hash is not that of its content and the receipt before";
  }
  TILL_CHECK(query.status());
  TILL_TRY(const auto twice, (db.value<int64_t>("SELECT count(*) FROM (SELECT 1 FROM facts WHERE receipt IS NOT NULL"
                                                " GROUP BY receipt, store HAVING count(*) > 1)")));
  report.twice = twice.value_or(0);
  return report;
}

}  // namespace till::hub
