// The settings in force, whoever gave them; those marked secret (base/config.h) never leave the process.
#include "api/config.h"

#include "api/routes.h"

namespace till::api {
namespace {

const Schema kConfig{"Config", [](JsonWriter& out) {
                       out.raw(R"({"type":"object","description":"By section.key, without the secrets",)"
                               R"("additionalProperties":{"anyOf":[{"type":["string","integer","boolean"]},)"
                               R"({"type":"array","items":{"type":"string"}}]}})");
                     }};

HandlerResult get(const Config& config) {
  Response response;
  JsonWriter json(response.body);
  config.write(json);
  return response;
}

}  // namespace

Routes config_routes(const Config& config) {
  // clang-format off
  return {
    route(Method::get, "/api/v1/config", Role::admin, Lane::read, "config.get", "The running settings, secrets left out",
        [&config](Request&) { return get(config); }).gives(&kConfig),
  };
  // clang-format on
}

}  // namespace till::api
