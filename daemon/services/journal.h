// The journal (D18): numbers receipts without a gap and chains each to the one before it by SHA-256. It also turns the
// store's clock (sync/core/hlc.h), which orders counts and movements of all its nodes.
// The counters live in memory; they move when a write has done all its statements, and are read again from the database
// when a commit failed after that. What enters runs on the writer's thread, what reads on the caller's.
#pragma once

#include "services/context.h"
#include "store/orders.h"

namespace till::services {

struct JournalEntry {
  std::string receipt_number;
  Uuid order_id{};
  domain::OrderKind kind{};
  Time at{};
  int64_t total = 0;
  std::string hash;

  static constexpr std::string_view kName = "JournalEntry";
  static constexpr auto fields() {
    return std::tuple(field("receipt_number", &JournalEntry::receipt_number),
                      field("order_id", &JournalEntry::order_id), field("kind", &JournalEntry::kind),
                      field("at", &JournalEntry::at), field("total", &JournalEntry::total),
                      field("hash", &JournalEntry::hash).doc("SHA-256 of the former hash and this receipt's body"));
  }
};

/// What a check of the whole chain found. `fault` is empty if all is well, else it names the first receipt that is
/// wrong. Of a life that this database did not live itself something may be missing for good: what follows on a gap is
/// unproven, and no fault.
struct JournalReport {
  bool intact = true;
  int64_t receipts = 0;
  std::string fault;
  std::string head;
  int64_t former = 0;
  int64_t unproven = 0;

  static constexpr std::string_view kName = "JournalReport";
  static constexpr auto fields() {
    return std::tuple(
        field("intact", &JournalReport::intact), field("receipts", &JournalReport::receipts),
        field("fault", &JournalReport::fault).doc("empty, or the first receipt that is wrong and why"),
        field("head", &JournalReport::head).doc("hash of the newest receipt"),
        field("former", &JournalReport::former).doc("of them of former lives, which came back"),
        field("unproven", &JournalReport::unproven).doc("of those: the receipt that they follow is not here"));
  }
};

class Journal {
 public:
  explicit Journal(const Context& context) : context_(context) {}

  /// Reads the counters; at start and after a lost commit.
  Status load(sqlite::Connection& db);

  /// The number of the next fact (order or stock entry).
  [[nodiscard]] int64_t next_fact() const { return counters_.next_fact; }
  /// The next tick of the store's clock: later than all that was booked or heard of.
  [[nodiscard]] int64_t next_hlc(Time now) const;
  /// A page brought a fact of this tick.
  void witness(int64_t hlc) { counters_.hlc = std::max(counters_.hlc, hlc); }
  /// Gives the order its fact number, tick, receipt number and hash. Nothing moves until take().
  void enter(domain::Order& order, std::string_view once_key) const;
  /// Last act of a write that entered an order: the counters move on.
  void take(const domain::Order& order);
  /// Last act of a write that used a fact number and a tick without a receipt.
  void take_fact(int64_t hlc) { ++counters_.next_fact, counters_.hlc = hlc; }

  /// Newest first.
  Result<domain::Page<JournalEntry>> list(domain::Slice slice) const;
  Result<JournalReport> verify() const;

 private:
  const Context& context_;
  store::Counters counters_;
};

/// Computes every hash again from the rows and compares: numbers without gaps, each hash that of its body and the one
/// before, totals that add up. Reads only; needs no running daemon.
Result<JournalReport> verify_journal(sqlite::Connection& db, const store::Identity& identity);

}  // namespace till::services
