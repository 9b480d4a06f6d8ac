#include "cli/sync_verbs.h"

#include <cstdio>

#include "cli/app.h"
#include "cli/verbs.h"
#include "runtime/verbs.h"

namespace till::cli {
namespace {

using runtime::OperatorClient;
using runtime::text_of;

long long number_of(const Json& row, const char* key) {
  const Json* member = row.find(key);
  return member && member->integer() ? static_cast<long long>(*member->integer()) : 0LL;
}

bool truth_of(const Json& row, const char* key) {
  const Json* member = row.find(key);
  return member && member->boolean() && *member->boolean();
}

std::string value_of(const Json& row, const char* key) {
  std::string text;
  if (const Json* member = row.find(key)) JsonWriter(text).value(*member);
  return text;
}

// Asks for one document and shows it.
int show(const Config& config, const std::string& data_dir, const std::string& target,
         const std::function<int(const Json&)>& print) {
  return runtime::with_client(entrance(config, data_dir), false, [&](OperatorClient& client) {
    std::string body;
    if (const int code = runtime::ask(tilld(), client, {.target = target}, &body)) return code;
    const auto document = parse_json(body);
    return document ? print(*document) : runtime::fail(tilld(), document.error());
  });
}

}  // namespace

int sync_status(const Config& config, const std::string& data_dir) {
  return show(config, data_dir, "/api/v1/sync/status", [](const Json& status) {
    const char* line = truth_of(status, "revoked")     ? "revoked by headquarters"
                       : truth_of(status, "welcomed")  ? "in step with headquarters"
                       : truth_of(status, "connected") ? "connected, headquarters does not answer"
                                                       : "not connected";
    std::printf("line:       %s %s\n", line, text_of(status, "trouble").c_str());
    for (const Json& stream : *status.find("streams")->array())
      std::printf("%-10s  %lld made, %lld acknowledged, %lld waiting\n", text_of(stream, "name").c_str(),
                  number_of(stream, "last_seq"), number_of(stream, "acked_seq"), number_of(stream, "lag"));
    for (const Json& scope : *status.find("scopes")->array())
      std::printf("%-10s  rev %lld of %lld\n", text_of(scope, "name").c_str(), number_of(scope, "rev"),
                  number_of(scope, "head_rev"));
    std::printf("oldest:     %s\n", value_of(status, "oldest_unacknowledged").c_str());
    std::printf("conflicts:  %lld open; not understood: %lld; rows last the same: %s\n",
                number_of(status, "conflicts_open"), number_of(status, "quarantined"),
                value_of(*status.find("digest"), "matched_at").c_str());
    return 0;
  });
}

int sync_verify(const Config& config, const std::string& data_dir) {
  return show(config, data_dir, "/api/v1/sync/verify", [](const Json& report) {
    if (!truth_of(report, "intact")) return runtime::fail(tilld(), {.message = text_of(report, "fault")});
    std::printf("intact: %lld shared rows, digest %s, the same at headquarters on %s; %lld envelopes are waiting\n",
                number_of(report, "rows"), text_of(report, "digest").c_str(), value_of(report, "matched_at").c_str(),
                number_of(report, "envelopes"));
    return 0;
  });
}

int sync_conflicts(const Config& config, const std::string& data_dir) {
  return runtime::with_client(entrance(config, data_dir), false, [](OperatorClient& client) {
    return runtime::for_each_row(tilld(), client, "/api/v1/sync/conflicts?limit=200", [](const Json& row) {
      std::printf("%s %-7s %-13s %s %s %s: saw %s, headquarters %s, here %s: %s wins by %s\n",
                  text_of(row, "at").c_str(), text_of(row, "status").c_str(), text_of(row, "kind").c_str(),
                  text_of(row, "entity").c_str(), text_of(row, "row_id").c_str(), text_of(row, "field").c_str(),
                  value_of(row, "base").c_str(), value_of(row, "ours").c_str(), value_of(row, "theirs").c_str(),
                  text_of(row, "winner").c_str(), text_of(row, "policy").c_str());
      return true;
    });
  });
}

}  // namespace till::cli
