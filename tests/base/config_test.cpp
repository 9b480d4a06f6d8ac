// Settings: who beats whom, and a line that names source, key and reason for everything that is wrong.
#include "base/config.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

using namespace till;

namespace {

const Settings kTable = {
    {.name = "http.listen", .standard = std::string("127.0.0.1:8080"), .help = "Address and port"},
    {.name = "http.max_connections",
     .standard = int64_t{1024},
     .help = "Connections in all",
     .least = 8,
     .most = 65'535},
    {.name = "http.tls", .standard = std::string("auto"), .help = "TLS", .allowed = {"auto", "on", "off"}},
    {.name = "http.hosts", .standard = std::vector<std::string>{"a", "b"}, .help = "Names"},
    {.name = "mail.enabled", .standard = false, .help = "Send mail"},
    {.name = "mail.password", .standard = std::string(), .help = "Of the mail server", .secret = true},
};

/// A file that is gone after the test.
class TempFile {
 public:
  explicit TempFile(std::string_view text) {
    close(mkstemp(path_.data()));
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TempFile() { unlink(path_.c_str()); }
  const std::string& path() { return path_; }

 private:
  std::string path_ = "/tmp/config_test_XXXXXX";
};

Result<Config> load(std::string_view file, std::vector<const char*> environment = {},
                    std::vector<std::pair<std::string, std::string>> flags = {}) {
  TempFile temp(file);
  environment.push_back(nullptr);
  return Config::load(kTable, {.file = temp.path(),
                               .environment_prefix = "TILLD_",
                               .environment = environment.data(),
                               .flags = std::move(flags)});
}

/// The message without the name of the file.
std::string refusal(Result<Config> config) {
  REQUIRE_FALSE(config.ok());
  const std::string& line = config.error().message;
  CHECK(line.find('\n') == std::string::npos);
  return line.starts_with("/tmp/") ? "file" + line.substr(line.find(':')) : line;
}

}  // namespace

TEST_CASE("without sources everything has its default") {
  auto config = Config::load(kTable, {});
  REQUIRE(config.ok());
  CHECK(config->text("http.listen") == "127.0.0.1:8080");
  CHECK(config->integer("http.max_connections") == 1024);
  CHECK(config->list("http.hosts") == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(config->flag("mail.enabled"));
}

TEST_CASE("flags beat environment, environment beats file, file beats default") {
  const char* kFile =
      R"({"http": {"listen": "file", "max_connections": 10, /* c */ "hosts": []}, "mail": {"enabled": true}})";
  auto config =
      load(kFile, {"PATH=/bin", "TILLD_HTTP_MAX_CONNECTIONS=20", "TILLD_HTTP_LISTEN=env", "TILLD_HTTP_HOSTS=x,y"},
           {{"http.listen", "flag"}});
  REQUIRE(config.ok());
  CHECK(config->text("http.listen") == "flag");
  CHECK(config->integer("http.max_connections") == 20);
  CHECK(config->list("http.hosts") == std::vector<std::string>{"x", "y"});
  CHECK(config->flag("mail.enabled"));
  CHECK(config->text("http.tls") == "auto");
  CHECK(load("{}", {"TILLD_MAIL_PASSWORD=a=b"})->text("mail.password") == "a=b");
  CHECK(load("{}", {"TILLD_HTTP_HOSTS="})->list("http.hosts").empty());
}

TEST_CASE("what is wrong in the file is said in one line") {
  const std::pair<std::string_view, std::string_view> kWrong[] = {
      {"", "file: not valid JSON at byte 0, line 1"},
      {"[]", "file: must be one JSON object"},
      {"{\"http\": 1}", "file: http: must be an object"},
      {"{\"htpt\": {}}", "file: \"htpt\": unknown key"},
      {"{\"http\": {\"lisen\": \"x\"}}", "file: \"http.lisen\": unknown key"},
      {"{\"http\": {\"a\\nb\": 1}}", "file: \"http.a\\nb\": unknown key"},
      {"{\"http\": {\"listen\": 8080}}", "file: http.listen: must be a text"},
      {"{\"http\": {\"max_connections\": \"10\"}}", "file: http.max_connections: must be a whole number"},
      {"{\"http\": {\"max_connections\": 10.5}}", "file: http.max_connections: must be a whole number"},
      {"{\"http\": {\"max_connections\": 7}}", "file: http.max_connections: must be 8 to 65535"},
      {"{\"http\": {\"max_connections\": 65536}}", "file: http.max_connections: must be 8 to 65535"},
      {"{\"http\": {\"max_connections\": 99999999999999999999}}", "file: http.max_connections: must be a whole number"},
      {"{\"http\": {\"tls\": \"On\"}}", "file: http.tls: must be one of auto, on, off"},
      {"{\"http\": {\"hosts\": \"a\"}}", "file: http.hosts: must be a list of texts"},
      {"{\"http\": {\"hosts\": [1]}}", "file: http.hosts: must be a list of texts"},
      {"{\"mail\": {\"enabled\": null}}", "file: mail.enabled: must be true or false"},
      {"{\"mail\": {},\n\"mail\": {}}", "file: a key appears twice at byte 24, line 2"},
      {"{\"http.listen.x\": 1}", "file: \"http.listen.x\": unknown key"},
  };
  for (auto [text, line] : kWrong) CHECK(refusal(load(text)) == line);
  CHECK(refusal(load(std::string(2 << 20, ' '))) == "file: larger than 1048576 bytes");
}

TEST_CASE("what is wrong in environment and flags is said too") {
  CHECK(refusal(load("{}", {"TILLD_HTTP_LISTN=x"})) == "environment: \"TILLD_HTTP_LISTN\": unknown key");
  CHECK(refusal(load("{}", {"TILLD_HTTP_MAX_CONNECTIONS=12x"})) ==
        "environment: TILLD_HTTP_MAX_CONNECTIONS: must be a whole number");
  CHECK(refusal(load("{}", {"TILLD_HTTP_MAX_CONNECTIONS= 12"})) ==
        "environment: TILLD_HTTP_MAX_CONNECTIONS: must be a whole number");
  CHECK(refusal(load("{}", {"TILLD_HTTP_LISTEN=\xdc"})) == "environment: TILLD_HTTP_LISTEN: must be UTF-8");
  CHECK(refusal(load("{}", {"TILLD_MAIL_ENABLED=yes"})) == "environment: TILLD_MAIL_ENABLED: must be true or false");
  CHECK(refusal(load("{}", {}, {{"http.tls", "x"}})) == "command line: http.tls: must be one of auto, on, off");
  CHECK(refusal(load("{}", {}, {{"x", "1"}})) == "command line: \"x\": unknown key");
}

TEST_CASE("what only the program can judge is refused in the same words, with the source of the value") {
  TempFile file(R"({"http.listen": "nowhere"})");
  const char* const environment[] = {"TILLD_HTTP_TLS=on", nullptr};
  auto config = Config::load(kTable, {.file = file.path(),
                                      .environment_prefix = "TILLD_",
                                      .environment = environment,
                                      .flags = {{"mail.enabled", "true"}}});
  REQUIRE(config.ok());
  CHECK(config->refuse("http.listen", "no such place").message == file.path() + ": http.listen: no such place");
  CHECK(config->refuse("http.tls", "no key").message == "environment: http.tls: no key");
  CHECK(config->refuse("mail.enabled", "no server").message == "command line: mail.enabled: no server");
  CHECK(config->refuse("http.hosts", "too few").message == "default: http.hosts: too few");
  CHECK(config->given("http.listen"));
  CHECK_FALSE(config->given("http.hosts"));
}

TEST_CASE("a file that is not there, or is a folder, is named") {
  auto missing = Config::load(kTable, {.file = "/nonexistent/tilld.json"});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message == "/nonexistent/tilld.json: cannot be read: No such file or directory");
  CHECK(missing.error().code == Code::not_found);
  CHECK_FALSE(Config::load(kTable, {.file = "/tmp"}).ok());
}

TEST_CASE("the running settings are shown without secrets") {
  auto config = load("{}", {"TILLD_MAIL_PASSWORD=hunter2"});
  REQUIRE(config.ok());
  std::string out;
  JsonWriter json(out);
  config->write(json);
  CHECK(out ==
        R"({"http.listen":"127.0.0.1:8080","http.max_connections":1024,"http.tls":"auto","http.hosts":["a","b"],)"
        R"("mail.enabled":false})");
}

TEST_CASE("the default file is documented and sets every default") {
  std::string text = render_default_config(kTable, "TILLD_", "tilld's settings.\nSecond line.");
  CHECK(text.starts_with(
      "// tilld's settings.\n// Second line.\n{\n  \"http\": {\n    // Address and port; TILLD_HTTP_LISTEN\n"));
  CHECK(text.find("// Connections in all (8 to 65535); TILLD_HTTP_MAX_CONNECTIONS\n") != std::string::npos);
  CHECK(text.find("// TLS (auto, on, off); TILLD_HTTP_TLS\n") != std::string::npos);
  auto config = load(text);
  REQUIRE(config.ok());
  CHECK(config->integer("http.max_connections") == 1024);
  auto json = parse_json(text, true);
  REQUIRE(json.ok());
  CHECK(json->find("http")->object()->size() == 4);
  CHECK(json->find("mail")->object()->size() == 2);
}
