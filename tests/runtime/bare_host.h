// A program with no business of its own: a Host over the tables of access alone, in a folder of the test's.
#pragma once

#include <doctest/doctest.h>

#include "access/migrations.h"
#include "base/log.h"
#include "runtime/host.h"
#include "runtime/settings.h"
#include "support/temp_folder.h"

namespace till::test {

class BareHost final : public runtime::Host {
 public:
  static Result<std::unique_ptr<BareHost>> open(const Config& config, const std::string& folder, bool make) {
    TILL_TRY(auto data, runtime::DataDir::open(folder, make, "bare"));
    auto host = std::unique_ptr<BareHost>(new BareHost(config, std::move(data)));
    TILL_CHECK(host->open_database("bare.db", access::kMigrations, make, [host = host.get()](sqlite::Connection&) {
      ++host->prepared;
      return host->prepare_with;
    }));
    TILL_CHECK(host->build_access({}, host->notices_));
    TILL_CHECK(host->build_pipeline({}));
    TILL_CHECK(host->start());
    return host;
  }
  ~BareHost() override { stop(); }

  [[nodiscard]] std::string device_name() const override { return "bare.local"; }

  int prepared = 0;
  Status prepare_with{};

 private:
  BareHost(const Config& config, runtime::DataDir data) : Host({"bare", "1"}, config, std::move(data)) {}

  access::NoNotices notices_;
};

/// A folder, settings with a cheap password, and a way to the program there.
struct Site {
  TempFolder home{};
  std::string folder = home.file("data");
  Config config;

  explicit Site(std::vector<std::pair<std::string, std::string>> flags = {})
      : config(Config::load(table(), {.flags = with_cheap_passwords(std::move(flags))}).value()) {
    log::set_level(log::Level::error);
  }

  Result<std::unique_ptr<BareHost>> open(bool make = true) const { return BareHost::open(config, folder, make); }
  [[nodiscard]] runtime::Entrance entrance() const {
    return {{"bare", "1"}, folder, [this](bool make) -> Result<std::unique_ptr<runtime::Host>> {
              TILL_TRY(auto host, open(make));
              return std::unique_ptr<runtime::Host>(std::move(host));
            }};
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder + "/" + name; }

  static const Settings& table() {
    static const Settings rows = runtime::with_host_settings({{"own.name", "x", "A name"}}, "127.0.0.1:0");
    return rows;
  }

 private:
  static std::vector<std::pair<std::string, std::string>> with_cheap_passwords(
      std::vector<std::pair<std::string, std::string>> flags) {
    flags.emplace_back("auth.password_cost", "1");
    return flags;
  }
};

}  // namespace till::test
