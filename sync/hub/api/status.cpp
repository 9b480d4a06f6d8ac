// How headquarters is with its stores: the line, what is open, the receipts' chain, the backups.
#include "sync/hub/api/routes.h"
#include "sync/hub/backups.h"
#include "sync/hub/receipts.h"

namespace till::hub::api {
namespace {

constexpr int64_t kDay_ms = 86'400'000;

struct HubStatus {
  bool connected = false;
  int64_t nodes = 0;
  int64_t lag = 0;
  int64_t rev = 0;
  std::string digest;
  int64_t conflicts_open = 0;
  int64_t quarantined = 0;
  std::optional<Time> backed_up_at;
  bool backup_overdue = false;

  static constexpr std::string_view kName = "HubStatus";
  static constexpr auto fields() {
    return std::tuple(field("connected", &HubStatus::connected).doc("to the broker"), field("nodes", &HubStatus::nodes),
                      field("lag", &HubStatus::lag).doc("envelopes that nodes named and that are not here"),
                      field("rev", &HubStatus::rev).doc("of the shared rows"),
                      field("digest", &HubStatus::digest).doc("of all shared rows; nodes compare it with theirs"),
                      field("conflicts_open", &HubStatus::conflicts_open),
                      field("quarantined", &HubStatus::quarantined), field("backed_up_at", &HubStatus::backed_up_at),
                      field("backup_overdue", &HubStatus::backup_overdue));
  }
};

Result<HubStatus> find_status(const Office& office, sqlite::Connection& db) {
  HubStatus s{.connected = office.connected(), .digest = {}, .backed_up_at = {}};
  TILL_TRY(const auto nodes, list_nodes(db));
  s.nodes = static_cast<int64_t>(nodes.size());
  for (const Node& node : nodes) {
    TILL_TRY(const auto streams, list_streams(db, node.row, node.epoch));
    for (const StreamRow& stream : streams) s.lag += stream.head - stream.applied;
  }
  TILL_TRY(const ScopeHead head, find_head(db, kTenant));
  s.rev = head.at.rev;
  s.digest = to_hex(head.digest.sum);
  TILL_TRY(s.conflicts_open, count_open_conflicts(db));
  TILL_TRY(s.quarantined, count_held(db));
  TILL_TRY(const Backups backups, find_backups(db));
  s.backed_up_at = backups.newest;
  const Time since = backups.newest.value_or(nodes.empty() ? office.clock.now() : nodes.front().first_seen);
  s.backup_overdue =
      office.backup_alarm_days > 0 && office.clock.now().ms - since.ms > office.backup_alarm_days * kDay_ms;
  return s;
}

HandlerResult status(const Office& office, const Request&) {
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const HubStatus found, find_status(office, *db));
  return http::row_response(found);
}

struct ShownReport {
  bool intact = true;
  int64_t receipts = 0;
  int64_t unproven = 0;
  int64_t broken = 0;
  int64_t twice = 0;
  std::string fault;

  static constexpr std::string_view kName = "ReceiptsReport";
  static constexpr auto fields() {
    return std::tuple(
        field("intact", &ShownReport::intact), field("receipts", &ShownReport::receipts),
        field("unproven", &ShownReport::unproven).doc("whose former receipt is not here"),
        field("broken", &ShownReport::broken).doc("whose hash is not that of its content and the receipt before"),
        field("twice", &ShownReport::twice).doc("numbers that two receipts bear: of a copy, or of a restored till"),
        field("fault", &ShownReport::fault).doc("empty, or the first receipt that is wrong and why"));
  }
};

HandlerResult verify(const Office& office, const Request&) {
  TILL_TRY(auto* db, office.read());
  TILL_TRY(const ReceiptsReport r, verify_receipts(*db));
  return http::row_response(ShownReport{r.broken == 0, r.receipts, r.unproven, r.broken, r.twice, r.fault});
}

struct BackupMark {
  Time before{};
  static constexpr std::string_view kName = "BackupMark";
  static constexpr auto fields() {
    return std::tuple(field("before", &BackupMark::before).required().doc("no older backup will be restored any more"));
  }
};

HandlerResult mark(const Office& office, const Request& request) {
  TILL_TRY(const BackupMark wanted, http::body<BackupMark>(request));
  return work(
      office,
      [wanted](sqlite::Connection& db) -> Result<BackupMark> {
        TILL_CHECK(drop_backups_before(db, wanted.before));
        return wanted;
      },
      [](const BackupMark& made) { return http::row_response(made); });
}

}  // namespace

Routes status_routes(const Office& office) {
  // clang-format off
  return {
    route(Method::get, "/api/v1/sync/status", Role::manager, Lane::slow, "sync.status", "How headquarters is with its stores", with(office, status))
        .gives(answer_schema<HubStatus>()),
    route(Method::post, "/api/v1/sync/backup-mark", Role::operator_, Lane::write, "sync.backup_mark",
          "Says which backups are kept: nodes may forget what stands in all of them", with(office, mark))
        .takes(creation_schema<BackupMark>()).gives(creation_schema<BackupMark>()),
    route(Method::get, "/api/v1/journal/verify", Role::manager, Lane::slow, "journal.verify",
          "Computes the hashes of all receipts again", with(office, verify)).gives(answer_schema<ShownReport>()),
  };
  // clang-format on
}

}  // namespace till::hub::api
