// A program's start as its folder sees it: what the first one makes, what the next one keeps, and what is refused with
// one line and nothing written.
#include "runtime/host.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "crypto/certificate.h"
#include "runtime/bare_host.h"

using namespace till;
using namespace till::test;

namespace {

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

std::string contents(const std::string& path) { return read_file(path, 1 << 20).value(); }

void write(const std::string& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// The whole refusal, on one line.
std::string refusal(const Site& site, bool make = true) {
  const auto host = site.open(make);
  if (host.ok()) return "";
  CHECK(host.error().message.find('\n') == std::string::npos);
  return host.error().message;
}

}  // namespace

TEST_CASE("a first start makes folder, database, key and one admin; all private") {
  Site site;
  REQUIRE(site.open().ok());
  CHECK(mode_of(site.folder) == 0700);
  CHECK(files_in(site.folder) ==
        std::vector<std::string>{"admin-password", "bare.db", "bare.db-seal", "reserve", "spool", "token.key"});
  for (const char* secret : {"admin-password", "token.key"}) CHECK(mode_of(site.file(secret)) == 0600);
  CHECK(contents(site.file("admin-password")).size() >= 16);
}

TEST_CASE("the next start keeps key and password, and makes a lost password anew") {
  Site site;
  REQUIRE(site.open().ok());
  const std::string key = contents(site.file("token.key")), password = contents(site.file("admin-password"));
  REQUIRE(site.open(false).ok());
  CHECK(contents(site.file("token.key")) == key);
  CHECK(contents(site.file("admin-password")) == password);
  std::filesystem::remove(site.file("admin-password"));
  REQUIRE(site.open().ok());
  CHECK(contents(site.file("admin-password")) != password);
}

TEST_CASE("two processes never share a folder, and the second one is told by its name") {
  Site site;
  const auto first = site.open();
  REQUIRE(first.ok());
  const auto second = site.open();
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == Code::busy);
  CHECK(second.error().message == site.folder + ": another bare works in this directory");
}

TEST_CASE("without make nothing is made") {
  Site site;
  CHECK(refusal(site, false).starts_with(site.folder + ": "));
  CHECK_FALSE(std::filesystem::exists(site.folder));
  std::filesystem::create_directory(site.folder);
  CHECK(refusal(site, false) == site.file("bare.db") + ": there is no database here; `bare serve` makes one");
  CHECK(files_in(site.folder).empty());
}

TEST_CASE("a folder that cannot be made, and a file in its place, are one line") {
  Site site;
  site.folder = site.home.file("no/such/parent");
  CHECK(refusal(site) == site.folder + ": No such file or directory");
  site.folder = site.home.file("plain");
  write(site.folder, "x");
  CHECK(refusal(site) == site.folder + ": Not a directory");
}

TEST_CASE("a file that is not ours is left as it stood") {
  Site site;
  std::filesystem::create_directory(site.folder);
  write(site.file("bare.db"), "Dear aunt, ");
  CHECK(refusal(site).starts_with(site.file("bare.db") + ": is not a database of ours"));
  CHECK(contents(site.file("bare.db")) == "Dear aunt, ");
  CHECK(files_in(site.folder) == std::vector<std::string>{"bare.db"});
}

TEST_CASE("a key of another length is refused, not replaced: all sessions would end") {
  Site site;
  REQUIRE(site.open().ok());
  write(site.file("token.key"), "short");
  CHECK(refusal(site).starts_with(site.file("token.key") + ": must hold 32 bytes"));
  CHECK(contents(site.file("token.key")) == "short");
}

TEST_CASE("the device's certificate is made once, with its key") {
  Site site;
  auto host = site.open().value();
  const auto first = device_certificate(*host);
  REQUIRE(first.ok());
  CHECK(crypto::certificate_fingerprint(*first).ok());
  CHECK(mode_of(site.file("device.key")) == 0600);
  CHECK(device_certificate(*host).value() == *first);
  host.reset();
  CHECK(device_certificate(*site.open().value()).value() == *first);
}

TEST_CASE("stopping twice is stopping once, and a stopped program takes no more work") {
  Site site;
  auto host = site.open().value();
  host->tidy();
  host->stop();
  host->stop();
  CHECK_FALSE(host->workers().submit([] {}));
  CHECK_FALSE(host->writer().run([](sqlite::Connection&) { return Status(); }).ok());
  CHECK(host->writer().healthy());
}

TEST_CASE("settings that two programs check are refused by their key") {
  auto with = [](const std::string& value) { return Site({{"own.name", value}}).config; };
  for (const std::string name : {"", "a b", "a/b", "ä", "a+b", "#"})
    CHECK(runtime::check_name(with(name), "own.name").error().message.find("own.name: ") != std::string::npos);
  CHECK_FALSE(runtime::check_name(with(std::string(65, 'a')), "own.name").ok());
  CHECK(runtime::check_name(with(std::string(64, 'a')), "own.name").ok());
  CHECK(runtime::check_name(with("Shop-7"), "own.name").ok());
  for (const std::string code : {"", "eur", "EU", "EURO", "E1R"})
    CHECK_FALSE(runtime::check_currency(with(code), "own.name").ok());
  CHECK(runtime::check_currency(with("EUR"), "own.name").ok());
  CHECK(runtime::check_fixed(with("a"), "own.name", "a").ok());
  CHECK(runtime::check_fixed(with("b"), "own.name", "a").error().message.find("made for \"a\"") != std::string::npos);
  CHECK(runtime::check_fixed(Site().config, "own.name", "a").ok());  // nobody asked: the database decides
}
