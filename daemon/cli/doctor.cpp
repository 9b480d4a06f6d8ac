// `tilld doctor`: looks at everything a shop's terminal needs and says what to do about what is wrong. Reads only.
#include "runtime/doctor.h"

#include "cli/app.h"
#include "cli/settings.h"
#include "cli/verbs.h"
#include "runtime/verbs.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

using runtime::Findings;

constexpr const char* kCure =
    "`tilld serve` rebuilds it where nothing is lost, `tilld rebuild` anyhow; or restore a backup: `tilld restore "
    "FILE`";
constexpr int64_t kLongAway_ms = int64_t{24} * 3600 * 1000;  // a night without headquarters is none of our business

int64_t number_of(const Json& row, const char* key) {
  const Json* member = row.find(key);
  return member && member->integer() ? *member->integer() : 0;
}

bool truth_of(const Json& row, const char* key) {
  const Json* member = row.find(key);
  return member && member->boolean() && *member->boolean();
}

void check_backlog(const Json& status, Time now, Findings& findings) {
  const std::string& oldest = runtime::text_of(status, "oldest_unacknowledged");
  const auto since = parse_rfc3339(oldest);
  if (since && now.ms - since->ms > kLongAway_ms)
    findings.wrong("headquarters has nothing of what was made since " + oldest,
                   "nothing is lost while this disk lives: see that the line comes back, and make a backup");
  if (number_of(status, "quarantined") > 0)
    findings.note(std::to_string(number_of(status, "quarantined")) + " rows of headquarters cannot be read here",
                  "install the version of tilld that headquarters has");
  if (number_of(status, "conflicts_open") > 0)
    findings.note(std::to_string(number_of(status, "conflicts_open")) + " conflicts wait for a decision",
                  "`tilld sync conflicts` lists them");
  const Json* digest = status.find("digest");
  if (digest && number_of(*digest, "mismatches") > 0)
    findings.wrong("headquarters has other rows than this till", "`tilld sync verify` says whose fault it is");
}

// What the running daemon says of its line to headquarters.
void check_line(const Config& config, const runtime::Occupant& occupant, Time now, Findings& findings) {
  const std::string& url = config.text("mqtt.url");
  if (url.empty()) return findings.fine("headquarters: this till has none");
  if (!occupant.line) return findings.note("headquarters: only a running tilld knows the line to " + url, "start it");
  const auto answer = occupant.line->ask(http::Method::get, "/api/v1/sync/status", "", "");
  const auto status = answer.ok() && answer->ok() ? parse_json(answer->body) : Result<Json>(Error{});
  if (!status) return findings.wrong("headquarters: tilld does not say how the line is", "ask its log");
  if (truth_of(*status, "revoked"))
    findings.wrong("headquarters takes nothing from this till: it was revoked",
                   "`tillhub nodes admit` lets it in again");
  else if (!truth_of(*status, "connected"))
    findings.wrong(url + ": no connection: " + runtime::text_of(*status, "trouble"),
                   "the shop sells on; check the network, mqtt.url and the broker");
  else if (!truth_of(*status, "welcomed"))
    findings.wrong(url + ": connected, but headquarters does not answer", "see that tillhub runs, for this tenant");
  else
    findings.fine("headquarters: connected over " + url);
  check_backlog(*status, now, findings);
}

void check_journal(const std::string& data_dir, Findings& findings) {
  const auto report = read_journal(data_dir);
  if (!report)
    return findings.wrong(report.error().message, "keep this file and a backup, and ask who audits the shop");
  findings.fine("journal: intact, " + std::to_string(report->receipts) + " receipts, head " + report->head);
}

}  // namespace

int doctor(const Config& config, const std::string& data_dir) {
  Findings findings;
  SystemClock clock;
  SystemRandom random;
  const std::string database = data_dir + "/" + kDatabase;
  const runtime::Occupant occupant = runtime::find_occupant(data_dir);
  const auto settings = store_settings(config);
  findings.check(settings ? Status() : Status(settings.error()), "settings: understood", "mend the key that is named");
  if (!occupant.there) check_addresses(config, findings);
  check_limits(occupant, config, tilld(), findings);
  check_leftovers(database, findings);
  check_clock(clock, database, findings);
  check_line(config, occupant, clock.now(), findings);
  check_certificate(data_dir, clock, random, findings);
  check_secrets(data_dir, findings);
  check_occupant(occupant, tilld(), data_dir, findings);
  check_folder(data_dir, config.integer("disk.reserve_mib") << 20, "tilld init", findings);
  if (check_database(database, store::kMigrations, "tilld init", kCure, !occupant.there, findings))
    check_journal(data_dir, findings);
  findings.print();
  return findings.any_wrong() ? 1 : 0;
}

}  // namespace till::cli
