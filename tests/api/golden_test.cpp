// What others hold in their hands: the API's document and the default settings, each in a file of its own. A change of
// either is a change of these files; TILL_WRITE_GOLDEN=1 writes the first anew, `tilld config` the second.
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "cli/settings.h"
#include "counter.h"

namespace till::test {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// JSON with a line for each value, so that differences can be read.
std::string spread_out(const std::string& json) {
  std::string text;
  size_t depth = 0;
  bool quoted = false;
  auto new_line = [&] { text.append("\n").append(depth, ' '); };
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (quoted && c == '\\') {
      text.append(json, i++, 2);
      continue;
    }
    if (c == '"') quoted = !quoted;
    const bool closes = !quoted && (c == '}' || c == ']');
    if (closes && --depth, closes && json[i - 1] != '{' && json[i - 1] != '[') new_line();
    text += c;
    if (quoted) continue;
    const bool opens = c == '{' || c == '[';
    if (opens) ++depth;
    if (c == ',' || (opens && json[i + 1] != '}' && json[i + 1] != ']')) new_line();
  }
  return text + "\n";
}

}  // namespace

TEST_CASE("the OpenAPI document is that of the golden file") {
  const std::string golden = TEST_SOURCE_DIR "/api/openapi.json";
  Counter counter;
  const Response answer = counter.send(ask(Method::get, "/api/v1/openapi.json"));
  REQUIRE(answer.status == 200);
  const std::string document = spread_out(answer.body);
  REQUIRE(parse_json(document).ok());
  if (std::getenv("TILL_WRITE_GOLDEN")) std::ofstream(golden, std::ios::binary) << document;
  const bool same = contents(golden) == document;  // not shown: it is long
  CHECK_MESSAGE(same, "git diff tests/api/openapi.json after TILL_WRITE_GOLDEN=1 shows what changed");
}

TEST_CASE("every route stands in the document, with its answers") {
  Counter counter;
  const Json document = *parse_json(counter.send(ask(Method::get, "/api/v1/openapi.json")).body);
  for (const http::Route& route : counter.pipeline->routes()) {
    if (route.dialect) continue;
    CAPTURE(route.name);
    const Json* path = document.find("paths")->find(route.path);
    REQUIRE(path);
    std::string method(http::to_string(route.method));
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const Json* operation = path->find(method);
    REQUIRE(operation);
    CHECK(*operation->find("operationId")->string() == route.name);
    const Json& answers = *operation->find("responses");
    CHECK(answers.find(std::to_string(route.ok_status)));
    CHECK((answers.find("412") != nullptr) == route.versioned);
    const bool for_all = route.role == "public" && route.open_to_restricted;  // else a first password is in the way
    CHECK((answers.find("403") != nullptr) == !for_all);
    CHECK(answers.find("401"));  // a token that does not hold is refused everywhere
  }
}

TEST_CASE("config/tilld.json is what the table of settings says, and says nothing but defaults") {
  const std::string path = TEST_SOURCE_DIR "/../config/tilld.json";
  CHECK(contents(path) == cli::default_config());
  const auto from_file = Config::load(cli::settings_table(), {.file = path});
  REQUIRE(from_file.ok());
  std::string read, standard;
  JsonWriter read_out(read), standard_out(standard);
  from_file->write(read_out);
  Config::load(cli::settings_table(), {})->write(standard_out);
  CHECK(read == standard);
}

TEST_CASE("settings that mean nothing are refused with their key") {
  auto refused = [](std::vector<std::pair<std::string, std::string>> flags) -> std::string {
    const auto config = Config::load(cli::settings_table(), {.flags = std::move(flags)});
    REQUIRE(config.ok());
    const auto settings = cli::store_settings(*config);
    const auto names = cli::first_names(*config);
    if (!settings.ok()) return settings.error().message;
    return names.ok() ? "" : names.error().message;
  };
  CHECK(refused({}) == "");
  for (const std::string bad :
       {"standard", "=5", "standard=x", "standard=-1", "standard=1000001", "standard=190000x", ""}) {
    CAPTURE(bad);
    CHECK(refused({{"tax.classes", bad}}).find("tax.classes: ") != std::string::npos);
  }
  CHECK(refused({{"store.node", "A 1"}}).find("store.node: ") != std::string::npos);
  CHECK(refused({{"store.currency", "eur"}}).find("store.currency: ") != std::string::npos);
  CHECK(refused({{"store.tenant", std::string(65, 'x')}}).find("store.tenant: ") != std::string::npos);
}

}  // namespace till::test
