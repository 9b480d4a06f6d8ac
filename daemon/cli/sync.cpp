#include "cli/sync.h"

#include "runtime/secret_key.h"
#include "sync/mqtt/config.h"

namespace till::cli {
namespace {

constexpr const char* kSyncKey = "sync.key";

}  // namespace

Result<std::optional<node::WorkerSettings>> sync_settings(const Config& config, const runtime::DataDir& data,
                                                          const store::Identity& identity, Random& random) {
  if (config.text("mqtt.url").empty()) return std::optional<node::WorkerSettings>{};
  node::WorkerSettings settings;
  TILL_TRY(settings.broker, mqtt::read_settings(config));
  if (!mqtt::is_loopback(settings.broker.url))
    return config.refuse("mqtt.url", "is on another machine: that needs enrolment, which this version does not have");
  settings.name = {identity.tenant, identity.store, identity.node};
  TILL_TRY(settings.key, runtime::secret_key(data.file(kSyncKey), random));
  settings.introduce = true;
  settings.build = TILL_VERSION;
  return std::optional(std::move(settings));
}

}  // namespace till::cli
