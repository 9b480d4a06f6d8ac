#include "sync/hub/cli/sync_verbs.h"

#include <cstdio>

#include "sync/hub/cli/verbs.h"

namespace till::hub {
namespace {

using runtime::CommandLine;
using runtime::OperatorClient;

/// What the verbs' own arguments say; as long as the command line.
struct Asked {
  std::string target, word, reason;
};

int64_t number_of(const Json& row, const char* key) {
  const Json* member = row.find(key);
  const int64_t* number = member ? member->integer() : nullptr;
  return number ? *number : 0;
}

CommandLine::Verb asking(std::function<int(OperatorClient&)> use) {
  return [use = std::move(use)](const Config& config) {
    const auto way = entrance(config);
    if (!way) return runtime::fail(tillhub(), way.error());
    return runtime::with_client(*way, false, use);
  };
}

int post(OperatorClient& client, const std::string& target, const std::string& body) {
  return runtime::ask(tillhub(), client, {.method = http::Method::post, .target = target, .body = body});
}

std::string object(const char* key, const std::string& value) {
  std::string body;
  JsonWriter(body).begin_object().member(key, value).end_object();
  return body;
}

// Prints one line per row; `line` writes it.
int print_rows(OperatorClient& client, const std::string& target, const std::function<void(const Json&)>& line) {
  return runtime::for_each_row(tillhub(), client, target, [&](const Json& row) {
    line(row);
    return true;
  });
}

int show_nodes(OperatorClient& client) {
  return print_rows(client, "/api/v1/nodes", [](const Json& row) {
    int64_t lag = 0;
    if (const Json* streams = row.find("streams"); streams && streams->array())
      for (const Json& stream : *streams->array()) lag += number_of(stream, "lag");
    const Json* revoked = row.find("revoked");
    std::printf("%s/%s  seen %s  lag %lld  %s%s\n", runtime::text_of(row, "store").c_str(),
                runtime::text_of(row, "name").c_str(), runtime::text_of(row, "last_seen").c_str(),
                static_cast<long long>(lag), runtime::text_of(row, "build").c_str(),
                revoked && revoked->boolean() && *revoked->boolean() ? "  revoked" : "");
  });
}

int show_conflicts(OperatorClient& client) {
  return print_rows(client, "/api/v1/sync/conflicts?status=open", [](const Json& row) {
    std::string ours, theirs;
    if (const Json* value = row.find("ours")) JsonWriter(ours).value(*value);
    if (const Json* value = row.find("theirs")) JsonWriter(theirs).value(*value);
    std::printf("%s  %s  %s  ours %s  theirs %s  of %s\n", runtime::text_of(row, "id").c_str(),
                runtime::text_of(row, "kind").c_str(), runtime::text_of(row, "field").c_str(), ours.c_str(),
                theirs.c_str(), runtime::text_of(row, "node").c_str());
  });
}

int show_held(OperatorClient& client) {
  return print_rows(client, "/api/v1/sync/quarantine", [](const Json& row) {
    std::printf("%s  %s  %s  of %s/%s\n", runtime::text_of(row, "id").c_str(), runtime::text_of(row, "kind").c_str(),
                runtime::text_of(row, "reason").c_str(), runtime::text_of(row, "store").c_str(),
                runtime::text_of(row, "node").c_str());
  });
}

int verify_journal(OperatorClient& client) {
  std::string body;
  if (const int code = runtime::ask(tillhub(), client, {.target = "/api/v1/journal/verify"}, &body); code != 0)
    return code;
  const auto report = parse_json(body);
  if (!report) return runtime::fail(tillhub(), report.error());
  std::printf(
      "receipts: %lld, broken: %lld, unproven: %lld, twice: %lld\n",
      static_cast<long long>(number_of(*report, "receipts")), static_cast<long long>(number_of(*report, "broken")),
      static_cast<long long>(number_of(*report, "unproven")), static_cast<long long>(number_of(*report, "twice")));
  const std::string& fault = runtime::text_of(*report, "fault");
  if (!fault.empty()) std::printf("wrong: %s\n", fault.c_str());
  return fault.empty() ? 0 : 1;
}

int show_status(OperatorClient& client) {
  std::string body;
  const int code = runtime::ask(tillhub(), client, {.target = "/api/v1/sync/status"}, &body);
  if (code == 0) std::printf("%s\n", body.c_str());
  return code;
}

void add_node_verbs(CommandLine& line, Asked& asked) {
  auto* nodes = line.app().add_subcommand("nodes", "The tills that report here")->require_subcommand(1);
  line.add_verb(*nodes, "list", "All of them, and how far they are", asking(show_nodes));
  for (const auto& [verb, help] :
       {std::pair{"revoke", "Takes nothing from it any more"}, std::pair{"admit", "Takes from it again"},
        std::pair{"forget-key", "Its next hello brings a new key: it was set up anew"}}) {
    line.add_verb(*nodes, verb, help, asking([&asked, verb = std::string(verb)](OperatorClient& client) {
          return post(client, "/api/v1/nodes/" + asked.target + "/" + verb, "");
        }))
        ->add_option("node", asked.target, "STORE/NODE")
        ->required();
  }
}

void add_conflict_verbs(CommandLine& line, Asked& asked) {
  auto* conflicts = line.app().add_subcommand("conflicts", "What two sides changed")->require_subcommand(1);
  line.add_verb(*conflicts, "list", "Those that wait for a decision", asking(show_conflicts));
  auto* resolve = line.add_verb(*conflicts, "resolve", "Decides one", asking([&asked](OperatorClient& client) {
    return post(client, "/api/v1/sync/conflicts/" + asked.target + "/resolve", object("winner", asked.word));
  }));
  resolve->add_option("id", asked.target, "of the conflict")->required();
  resolve->add_option("winner", asked.word, "ours (what headquarters had) or theirs")->required();
}

void add_quarantine_verbs(CommandLine& line, Asked& asked) {
  auto* held = line.app().add_subcommand("quarantine", "What could not be applied")->require_subcommand(1);
  line.add_verb(*held, "list", "Those that wait", asking(show_held));
  line.add_verb(*held, "retry", "Applies one again", asking([&asked](OperatorClient& client) {
        return post(client, "/api/v1/sync/quarantine/" + asked.target + "/retry", "");
      }))
      ->add_option("id", asked.target, "of the envelope")
      ->required();
  auto* ignore = line.add_verb(*held, "ignore", "Books one and takes it back", asking([&asked](OperatorClient& client) {
    return post(client, "/api/v1/sync/quarantine/" + asked.target + "/ignore", object("reason", asked.reason));
  }));
  ignore->add_option("id", asked.target, "of the envelope")->required();
  ignore->add_option("reason", asked.reason, "why")->required();
}

}  // namespace

void add_sync_verbs(CommandLine& line) {
  static Asked asked;  // filled while the line is parsed
  CLI::App& app = line.app();
  line.add_verb(app, "status", "How headquarters is with its stores", asking(show_status));
  add_node_verbs(line, asked);
  add_conflict_verbs(line, asked);
  add_quarantine_verbs(line, asked);
  auto* journal = app.add_subcommand("journal", "The chain of receipts")->require_subcommand(1);
  line.add_verb(*journal, "verify", "Computes every receipt's hash again; exit code 1 if one is wrong",
                asking(verify_journal));
  line.add_verb(app, "backup-mark",
                "Says that older backups will not be restored: tills may forget what is in the rest",
                asking([](OperatorClient& client) {
                  return post(client, "/api/v1/sync/backup-mark", object("before", asked.word));
                }))
      ->add_option("time", asked.word, "2026-01-05T09:00:00Z")
      ->required();
}

}  // namespace till::hub
