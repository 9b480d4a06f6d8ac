// Each worst case that a doctor of any program knows: what it finds, and that it says what to do. tilld's own, and the
// whole of them against the program, are in tests/live/worst_doctor.py.
#include "runtime/doctor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "crypto/certificate.h"
#include "http/listener.h"
#include "runtime/bare_host.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"

using namespace till;
using namespace till::runtime;

namespace {

constexpr int64_t kYear_ms = int64_t{365} * 86'400'000;

/// True if a finding of that grade says so and, unless it is fine, what to do.
bool says(const Findings& findings, Grade grade, std::string_view words) {
  return std::any_of(findings.all().begin(), findings.all().end(), [&](const Finding& one) {
    return one.grade == grade && one.what.find(words) != std::string::npos &&
           one.advice.empty() == (grade == Grade::fine);
  });
}

/// A folder as a program leaves it: private, with its secrets and its certificate.
struct Well {
  test::TempFolder home{};
  std::string folder = home.file("data");
  test::FakeClock clock{Time{1'795'000'000'000}};
  test::FakeRandom random{7};

  Well() {
    log::set_level(log::Level::error);
    std::filesystem::create_directory(folder);
    ::chmod(folder.c_str(), 0700);
    REQUIRE(write_file(file(kTokenKey), std::string(32, 'k'), 0600).ok());
    make_certificate();
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder + "/" + name; }
  void make_certificate() {
    const auto made =
        crypto::make_device_certificate({.common_name = "A1.local", .dns_names = {"A1.local"}}, clock.now(), random);
    REQUIRE(write_file(file(kDeviceKey), made->key_pem, 0600).ok());
    REQUIRE(write_file(file(kDeviceCertificate), made->certificate_pem, 0644).ok());
  }
  Findings examined() {
    Findings findings;
    check_clock(clock, file("bare.db"), findings);
    check_leftovers(file("bare.db"), findings);
    check_certificate(folder, clock, random, findings);
    check_secrets(folder, findings);
    check_folder(folder, 0, "bare init", findings);
    return findings;
  }
};

}  // namespace

TEST_CASE("a folder that is well has nothing wrong") {
  Well well;
  const Findings findings = well.examined();
  CHECK_FALSE(findings.any_wrong());
  CHECK(says(findings, Grade::fine, "valid to 2036"));
  CHECK(says(findings, Grade::fine, "secrets are this user's alone"));
}

TEST_CASE("the worst cases of a folder, each with its finding") {
  struct Row {
    const char* name;
    std::function<void(Well&)> spoil;
    Grade grade;
    const char* words;
  };
  auto touch = [](const std::string& name) { return [name](Well& well) { std::ofstream(well.file(name)).put('x'); }; };
  auto mode = [](const std::string& name, mode_t bits) {
    return [name, bits](Well& well) { ::chmod(well.file(name).c_str(), bits); };
  };
  auto at = [](Time now) { return [now](Well& well) { well.clock.set(now); }; };
  const Row rows[] = {
      {"1970", at({0}), Grade::wrong, "the clock shows 1970"},
      {"2038 is no trouble",
       [](Well& w) {
         w.clock.set({2'147'483'648'000});
         w.make_certificate();
       },
       Grade::fine, "clock: 2038"},
      {"2099", at({130 * kYear_ms}), Grade::wrong, "the clock shows 2099"},
      {"certificate not yet valid", at({54 * kYear_ms}), Grade::wrong, "is valid from 2025"},
      {"certificate expired", at({68 * kYear_ms}), Grade::wrong, "expired at 2036"},
      {"certificate is none", touch(kDeviceCertificate), Grade::wrong, "Not a certificate"},
      {"certificate without key", [](Well& w) { std::filesystem::remove(w.file(kDeviceKey)); }, Grade::wrong,
       "device.key"},
      {"key of another certificate",
       [](Well& w) {
         const std::string kept = read_file(w.file(kDeviceCertificate), 1 << 14).value();
         w.make_certificate();
         REQUIRE(write_file(w.file(kDeviceCertificate), kept, 0644).ok());
       },
       Grade::wrong, "does not belong to"},
      {"secret open to all", mode(kTokenKey, 0644), Grade::wrong, "token.key: others may read"},
      {"another secret open to the group", mode(kDeviceKey, 0640), Grade::wrong, "device.key: others may read"},
      {"secret of another length", touch(kTokenKey), Grade::wrong, "must hold 32 bytes"},
      {"others may read the folder", mode("", 0755), Grade::wrong, "others may read it"},
      {"damaged database put aside", touch("bare.db.damaged-1"), Grade::note, "damaged-1: a damaged database"},
      {"its log alone is not told of", touch("bare.db.damaged-1-wal"), Grade::fine, "private"},
      {"replaced by a restore", touch("bare.db.replaced-1"), Grade::note, "replaced-1: the database"},
      {"folder missing", [](Well& w) { std::filesystem::remove_all(w.folder); }, Grade::wrong, "data: is missing"},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string(row.name));
    Well well;
    row.spoil(well);
    const Findings findings = well.examined();
    CHECK(says(findings, row.grade, row.words));
    CHECK((row.grade == Grade::wrong) == findings.any_wrong());
  }
}

TEST_CASE("a clock that was set back is seen by the last write") {
  Well well;
  std::ofstream(well.file("bare.db")).put('x');  // now, by the machine's own clock
  SystemClock real;
  Findings right, wrong;
  check_clock(real, well.file("bare.db"), right);
  CHECK_FALSE(right.any_wrong());
  std::filesystem::last_write_time(well.file("bare.db"),
                                   std::filesystem::file_time_type::clock::now() + std::chrono::hours(48));
  check_clock(real, well.file("bare.db"), wrong);
  CHECK(says(wrong, Grade::wrong, "but the last write was at"));
}

TEST_CASE("a reserve that is not there is missed, and with it is how it comes back") {
  Well well;
  Findings without, with;
  check_folder(well.folder, int64_t{1} << 20, "bare init", without);
  CHECK(says(without, Grade::wrong, "the reserve for a full disk is missing"));
  Reserve(well.folder, int64_t{1} << 20).refill();
  check_folder(well.folder, int64_t{1} << 20, "bare init", with);
  CHECK_FALSE(with.any_wrong());
}

TEST_CASE("an address that somebody else has is named") {
  const auto other = http::Listener::tcp("127.0.0.1:0", nullptr);
  REQUIRE(other.ok());
  const test::Site taken(std::vector<std::pair<std::string, std::string>>{{"http.listen", other->name()}}), free;
  Findings findings;
  check_addresses(free.config, findings);
  CHECK_FALSE(findings.any_wrong());
  check_addresses(taken.config, findings);
  CHECK(says(findings, Grade::wrong, "cannot listen on " + other->name()));
}

TEST_CASE("who works in a folder: nobody, somebody who does not answer") {
  Well well;
  const Program bare{"bare", "1"};
  Findings nobody, silent;
  check_occupant(find_occupant(well.folder), bare, well.folder, nobody);
  CHECK(says(nobody, Grade::note, "bare is not running"));
  CHECK_FALSE(nobody.any_wrong());

  const int lock = ::open(well.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(::flock(lock, LOCK_EX) == 0);
  const Occupant occupant = find_occupant(well.folder);
  CHECK(occupant.there);
  CHECK(occupant.line == nullptr);
  check_occupant(occupant, bare, well.folder, silent);
  CHECK(says(silent, Grade::wrong, "another process works here"));
  check_limits(occupant, test::Site().config, bare, silent);  // of nobody it says nothing
  CHECK(silent.all().size() == 1);
  ::close(lock);
}

TEST_CASE("a database that is missing, foreign or cut off") {
  Well well;
  auto found = [&] {
    Findings findings;
    check_database(well.file("bare.db"), access::kMigrations, "bare init", "restore a backup", true, findings);
    return findings;
  };
  CHECK(says(found(), Grade::wrong, "bare.db: is missing"));
  std::ofstream(well.file("bare.db")) << "Dear aunt, ";
  CHECK(says(found(), Grade::wrong, "is not a database of ours"));
  std::filesystem::remove_all(well.folder);
  test::Site site;
  REQUIRE(site.open().ok());
  well.folder = site.folder;
  CHECK_FALSE(found().any_wrong());
  std::filesystem::resize_file(site.file("bare.db"), 8 * 1024);
  CHECK(found().any_wrong());
}
