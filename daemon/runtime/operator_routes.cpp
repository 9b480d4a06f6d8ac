#include "runtime/operator_routes.h"

#include "domain/role.h"
#include "http/handler.h"
#include "sqlite/backup.h"

namespace till::runtime {
namespace {

using http::Request;

struct BackupRequest {
  std::string path;

  static constexpr std::string_view kName = "Backup";
  static constexpr auto fields() {
    return std::tuple(field("path", &BackupRequest::path).code(1, 4096).required().doc("absolute; must not exist yet"));
  }
};

// On a worker's own read-only connection, page by page, while the shop sells.
Result<http::Outcome> back_up(sqlite::Readers& readers, const BackedUp& backed_up, const Request& request) {
  TILL_TRY(const auto wanted, http::body<BackupRequest>(request));
  if (wanted.path.front() != '/') return invalid_field("/path", "absolute", "must be an absolute path");
  TILL_TRY(auto* db, readers.fresh());
  TILL_CHECK(sqlite::backup(*db, wanted.path));
  TILL_CHECK(backed_up(*db));
  return http::Response{.status = 201, .body = to_json(wanted)};
}

}  // namespace

http::Routes operator_routes(sqlite::Readers& readers, BackedUp backed_up) {
  const auto role = domain::Role::operator_;
  return {
      http::Route{.method = http::Method::post,
                  .path = "/api/v1/system/backup",
                  .role = to_string(role),
                  .needs = domain::right(role),
                  .lane = http::Lane::slow,
                  .name = "system.backup",
                  .summary = "Writes a whole, checked copy of the database to a file on this machine",
                  .handler = [&readers, backed_up = std::move(backed_up)](
                                 Request& request) { return back_up(readers, backed_up, request); }}
          .takes(creation_schema<BackupRequest>())
          .gives(creation_schema<BackupRequest>(), 201)
          .in_bulk(),
  };
}

}  // namespace till::runtime
