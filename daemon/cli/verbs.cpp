#include "cli/verbs.h"

#include <unistd.h>

#include <cstdio>

#include "base/file.h"
#include "cli/app.h"
#include "cli/rebuild.h"
#include "cli/restore.h"
#include "cli/settings.h"
#include "crypto/certificate.h"
#include "runtime/serve.h"
#include "runtime/verbs.h"
#include "services/journal.h"
#include "sqlite/examine.h"
#include "store/migrations.h"

namespace till::cli {
namespace {

using runtime::OperatorClient;
using runtime::text_of;

constexpr size_t kMaxImport = size_t{64} << 20;

int fail(const Error& error) { return runtime::fail(tilld(), error); }

int ask(OperatorClient& client, const runtime::Question& question, std::string* body = nullptr) {
  return runtime::ask(tilld(), client, question, body);
}

}  // namespace

runtime::Entrance entrance(const Config& config, const std::string& data_dir) {
  return {tilld(), data_dir, [&config, data_dir](bool make) -> Result<std::unique_ptr<runtime::Host>> {
            TILL_TRY(auto app, App::open(config, data_dir, make));
            return std::unique_ptr<runtime::Host>(std::move(app));
          }};
}

int serve(const Config& config, const std::string& data_dir) {
  runtime::block_stop_signals();
  auto app = App::open(config, data_dir, true);
  if (!app) return fail(app.error());
  const Status ended = runtime::serve(**app);
  return ended.ok() ? 0 : fail(ended.error());
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
  (*app)->print_first_admin();
  return 0;
}

namespace {

// Prints how an import went, the refused rows with their lines; 1 if any was refused or the job failed.
int report_import(OperatorClient& client, const std::string& job_path, const Json& job) {
  auto number = [](const Json& row, const char* key) {
    const Json* member = row.find(key);
    return member && member->integer() ? static_cast<long long>(*member->integer()) : 0LL;
  };
  std::printf("%lld rows: %lld created, %lld updated, %lld unchanged, %lld refused\n", number(job, "total"),
              number(job, "created"), number(job, "updated"), number(job, "unchanged"), number(job, "refused"));
  const bool refused = number(job, "refused") > 0;
  const int listed =
      refused ? for_each_row(tilld(), client, job_path + "/rows?result=REFUSED",
                             [&](const Json& row) {
                               std::printf("line %lld: %s %s: %s\n", number(row, "line"), text_of(row, "sku").c_str(),
                                           text_of(row, "field").c_str(), text_of(row, "detail").c_str());
                               return true;
                             })
              : 0;
  if (text_of(job, "status") == "FAILED") return fail({.message = text_of(job, "message")});
  return refused ? 1 : listed;
}

}  // namespace

int import_products(const Config& config, const std::string& data_dir, const std::string& file) {
  auto content = read_file(file, kMaxImport);
  if (!content) return fail(content.error());
  return with_client(entrance(config, data_dir), true, [&](OperatorClient& client) {
    const runtime::Question upload{http::Method::post, "/api/v1/products/imports", std::move(*content), "text/csv"};
    std::string body;
    if (const int code = ask(client, upload, &body)) return code;
    const auto begun = parse_json(body);
    if (!begun) return 1;
    const std::string path = "/api/v1/products/imports/" + text_of(*begun, "id");
    for (;;) {
      if (const int code = ask(client, {.target = path}, &body)) return code;
      const auto job = parse_json(body);
      if (!job) return 1;
      if (text_of(*job, "status") != "RUNNING") return report_import(client, path, *job);
      ::usleep(50'000);
    }
  });
}

int export_products(const Config& config, const std::string& data_dir) {
  return with_client(entrance(config, data_dir), false, [&](OperatorClient& client) {
    std::string body;
    const int code = ask(client, {.target = "/api/v1/products/export"}, &body);
    if (code == 0) std::fwrite(body.data(), 1, body.size(), stdout);
    return code;
  });
}

int restore(const std::string& data_dir, const std::string& file) {
  auto data = runtime::DataDir::open(data_dir, true, tilld().name);
  if (!data) return fail(data.error());
  SystemRandom random;
  SystemClock clock;
  if (auto status = restore_backup(data_dir, file, random, clock); !status) return fail(status.error());
  std::printf("restored: %s (the database of before stays beside it)\n", data->file(kDatabase).c_str());
  return 0;
}

Result<services::JournalReport> read_journal(const std::string& data_dir) {
  const std::string path = data_dir + "/" + kDatabase;
  TILL_TRY(const int version, sqlite::inspect(path, store::kMigrations));
  if (version == 0) return Error{.code = Code::not_found, .message = path + ": there is no database here"};
  TILL_TRY(const auto db, sqlite::Connection::open(path, sqlite::Mode::read_only));
  TILL_TRY(const auto identity, store::find_identity(*db));
  if (!identity) return Error{.code = Code::invalid, .message = path + ": has no identity"};
  TILL_TRY(auto report, services::verify_journal(*db, *identity));
  if (!report.intact) return Error{.code = Code::invalid, .message = "journal broken at " + report.fault};
  return report;
}

int rebuild(const Config& config, const std::string& data_dir) {
  auto data = runtime::DataDir::open(data_dir, false, tilld().name);
  if (!data) return fail(data.error());
  const auto names = first_names(config);
  if (!names) return fail(names.error());
  const std::string database = data->file(kDatabase);
  const Status examined = sqlite::examine(database);
  if (examined.ok()) {
    std::printf("%s: not damaged, nothing to rebuild\n", database.c_str());
    return 0;
  }
  SystemRandom random;
  SystemClock clock;
  if (auto done = rebuild_database(data_dir, examined.error(), *names, Rebuild::anyhow, random, clock); !done)
    return fail(done.error());
  std::printf("rebuilt: %s (the damaged one stays beside it, with a text that says what was lost)\n", database.c_str());
  return 0;
}

int journal_verify(const std::string& data_dir) {
  const auto report = read_journal(data_dir);
  if (!report) return fail(report.error());
  std::printf("journal intact: %lld receipts, head %s\n", static_cast<long long>(report->receipts),
              report->head.c_str());
  return 0;
}

}  // namespace till::cli
