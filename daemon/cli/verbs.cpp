#include "cli/verbs.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

#include "base/file.h"
#include "cli/app.h"
#include "cli/operator_client.h"
#include "cli/restore.h"
#include "cli/settings.h"
#include "crypto/certificate.h"
#include "http/handler.h"
#include "services/journal.h"
#include "sqlite/migrate.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

constexpr size_t kMaxImport = size_t{64} << 20;
constexpr const char* kJson = "application/json";

// An answer of the pipeline as an exit code: the problem document's sentences, or nothing.
int report(const OperatorClient::Answer& answer) {
  if (answer.ok()) return 0;
  auto problem = parse_json(answer.body);
  const Json* detail = problem ? problem->find("detail") : nullptr;
  std::fprintf(stderr, "tilld: %s\n", detail && detail->string() ? detail->string()->c_str() : answer.body.c_str());
  if (const Json* errors = problem ? problem->find("errors") : nullptr; errors && errors->array()) {
    for (const Json& e : *errors->array())
      std::fprintf(stderr, "  %s %s\n", e.find("pointer")->string()->c_str(), e.find("detail")->string()->c_str());
  }
  return 1;
}

/// Asks and reports; the answer's body goes to `body` if wanted.
int ask(OperatorClient& client, http::Method method, const std::string& target, const std::string& body,
        const std::string& type, std::string* answer_body = nullptr) {
  auto answer = client.ask(method, target, body, type);
  if (!answer) return fail(answer.error());
  if (answer_body) *answer_body = answer->body;
  return report(*answer);
}

std::string first_line_of_input() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

template <class F>
int with_client(const Config& config, const std::string& data_dir, bool make, F&& use) {
  auto client = OperatorClient::reach(config, data_dir, make);
  if (!client) return fail(client.error());
  return use(**client);
}

// Calls visit(user) for each user; false ends it.
int for_each_user(OperatorClient& client, const std::function<bool(const Json&)>& visit) {
  std::string cursor;
  for (;;) {
    std::string body;
    const std::string target = "/api/v1/users?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor);
    if (const int code = ask(client, http::Method::get, target, "", kJson, &body)) return code;
    const auto page = parse_json(body);
    if (!page || !page->find("items") || !page->find("items")->array()) return 1;
    for (const Json& user : *page->find("items")->array())
      if (!visit(user)) return 0;
    const Json* next = page->find("next");
    if (!next || !next->string()) return 0;
    cursor = *next->string();
  }
}

const std::string& text_of(const Json& row, const char* key) {
  static const std::string none;
  const Json* member = row.find(key);
  return member && member->string() ? *member->string() : none;
}

}  // namespace

int fail(const Error& error) {
  std::fprintf(stderr, "tilld: %s\n", error.message.c_str());
  return 1;
}

int init(const Config& config, const std::string& data_dir) {
  auto app = App::open(config, data_dir, true);
  if (!app) return fail(app.error());
  const store::Identity& who = (*app)->identity();
  std::printf("database: %s (tenant %s, store %s, node %s, %s)\n", (*app)->data().file(kDatabase).c_str(),
              who.tenant.c_str(), who.store.c_str(), who.node.c_str(), who.currency.c_str());
  auto certificate = device_certificate(**app);
  if (!certificate) return fail(certificate.error());
  auto fingerprint = crypto::certificate_fingerprint(*certificate);
  if (!fingerprint) return fail(fingerprint.error());
  std::printf("certificate: SHA-256 %s\n", fingerprint->c_str());
  if ((*app)->first_password())
    std::printf("admin: %s %s (also in %s; it must be changed at first login)\n", access::kFirstAdmin,
                (*app)->first_password()->c_str(), (*app)->data().file(kAdminPassword).c_str());
  return 0;
}

int user_add(const Config& config, const std::string& data_dir, const NewUser& user) {
  const std::string password = first_line_of_input();
  return with_client(config, data_dir, true, [&](OperatorClient& client) {
    std::string body;
    JsonWriter out(body);
    out.begin_object().member("email", user.email).member("role", user.role);
    out.member("name", user.name.empty() ? user.email : user.name).member("password", password).end_object();
    const int code = ask(client, http::Method::post, "/api/v1/users", body, kJson);
    if (code == 0) std::printf("added: %s (%s)\n", user.email.c_str(), user.role.c_str());
    return code;
  });
}

int user_passwd(const Config& config, const std::string& data_dir, const std::string& email) {
  const std::string password = first_line_of_input();
  return with_client(config, data_dir, false, [&](OperatorClient& client) {
    std::string id;
    const int code = for_each_user(client, [&](const Json& user) {
      if (text_of(user, "email") == email) id = text_of(user, "id");
      return id.empty();
    });
    if (code != 0) return code;
    if (id.empty()) return fail({.code = Code::not_found, .message = email + ": there is no such user"});
    std::string body;
    JsonWriter(body).begin_object().member("password", password).end_object();
    return ask(client, http::Method::post, "/api/v1/users/" + id + "/password", body, kJson);
  });
}

int user_list(const Config& config, const std::string& data_dir) {
  return with_client(config, data_dir, false, [&](OperatorClient& client) {
    return for_each_user(client, [](const Json& user) {
      const Json* active = user.find("active");
      std::printf("%-40s %-18s %s%s\n", text_of(user, "email").c_str(), text_of(user, "role").c_str(),
                  text_of(user, "name").c_str(),
                  active && active->boolean() && !*active->boolean() ? " (inactive)" : "");
      return true;
    });
  });
}

namespace {

// Prints how an import went, the refused rows with their lines; 1 if any was refused or the job failed.
int report_import(OperatorClient& client, const std::string& job_path, const Json& job) {
  auto number = [&](const char* key) {
    const Json* member = job.find(key);
    return member && member->integer() ? static_cast<long long>(*member->integer()) : 0LL;
  };
  std::printf("%lld rows: %lld created, %lld updated, %lld unchanged, %lld refused\n", number("total"),
              number("created"), number("updated"), number("unchanged"), number("refused"));
  std::string cursor;
  while (number("refused") > 0) {
    std::string body;
    const std::string target =
        job_path + "/rows?result=REFUSED&limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor);
    if (const int code = ask(client, http::Method::get, target, "", kJson, &body)) return code;
    const auto page = parse_json(body);
    if (!page || !page->find("items") || !page->find("items")->array()) return 1;
    for (const Json& row : *page->find("items")->array()) {
      const Json* line = row.find("line");
      std::printf("line %lld: %s %s: %s\n", line && line->integer() ? static_cast<long long>(*line->integer()) : 0LL,
                  text_of(row, "sku").c_str(), text_of(row, "field").c_str(), text_of(row, "detail").c_str());
    }
    const Json* next = page->find("next");
    if (!next || !next->string()) break;
    cursor = *next->string();
  }
  if (text_of(job, "status") == "FAILED") return fail({.message = text_of(job, "message")});
  return number("refused") > 0 ? 1 : 0;
}

}  // namespace

int import_products(const Config& config, const std::string& data_dir, const std::string& file) {
  auto content = read_file(file, kMaxImport);
  if (!content) return fail(content.error());
  return with_client(config, data_dir, true, [&](OperatorClient& client) {
    std::string body;
    if (const int code = ask(client, http::Method::post, "/api/v1/products/imports", *content, "text/csv", &body))
      return code;
    const auto begun = parse_json(body);
    if (!begun) return 1;
    const std::string path = "/api/v1/products/imports/" + text_of(*begun, "id");
    for (;;) {
      if (const int code = ask(client, http::Method::get, path, "", kJson, &body)) return code;
      const auto job = parse_json(body);
      if (!job) return 1;
      if (text_of(*job, "status") != "RUNNING") return report_import(client, path, *job);
      ::usleep(50'000);
    }
  });
}

int export_products(const Config& config, const std::string& data_dir) {
  return with_client(config, data_dir, false, [&](OperatorClient& client) {
    std::string body;
    const int code = ask(client, http::Method::get, "/api/v1/products/export", "", kJson, &body);
    if (code == 0) std::fwrite(body.data(), 1, body.size(), stdout);
    return code;
  });
}

int backup(const Config& config, const std::string& data_dir, const std::string& file) {
  return with_client(config, data_dir, false, [&](OperatorClient& client) {
    const std::string path = std::filesystem::absolute(file).string();
    std::string body;
    JsonWriter(body).begin_object().member("path", path).end_object();
    const int code = ask(client, http::Method::post, "/api/v1/system/backup", body, kJson);
    if (code == 0) std::printf("backup: %s\n", path.c_str());
    return code;
  });
}

int restore(const std::string& data_dir, const std::string& file) {
  auto data = DataDir::open(data_dir, true);
  if (!data) return fail(data.error());
  SystemRandom random;
  SystemClock clock;
  if (auto status = restore_backup(data_dir, file, random, clock); !status) return fail(status.error());
  std::printf("restored: %s (the database of before stays beside it)\n", data->file(kDatabase).c_str());
  return 0;
}

int journal_verify(const std::string& data_dir) {
  const std::string path = data_dir + "/" + kDatabase;
  auto version = sqlite::inspect(path, store::kMigrations);
  if (version && *version == 0) return fail({.message = path + ": there is no database here"});
  if (!version) return fail(version.error());
  auto db = sqlite::Connection::open(path, sqlite::Mode::read_only);
  if (!db) return fail(db.error());
  auto identity = store::find_identity(**db);
  if (!identity) return fail(identity.error());
  if (!*identity) return fail({.message = path + ": has no identity"});
  auto report = services::verify_journal(**db, **identity);
  if (!report) return fail(report.error());
  if (!report->intact) return fail({.message = "journal broken at " + report->fault});
  std::printf("journal intact: %lld receipts, head %s\n", static_cast<long long>(report->receipts),
              report->head.c_str());
  return 0;
}

int openapi(const Config& config, const std::string& data_dir) {
  return with_client(config, data_dir, true, [&](OperatorClient& client) {
    std::string body;
    const int code = ask(client, http::Method::get, "/api/v1/openapi.json", "", kJson, &body);
    if (code == 0) std::printf("%s\n", body.c_str());
    return code;
  });
}

int show_default_config() {
  const std::string text = default_config();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace till::cli
