// Secrets and the certificate of a program's folder, looked at for its doctor (runtime/doctor.h).
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "crypto/certificate.h"
#include "http/tls.h"
#include "runtime/data_dir.h"
#include "runtime/doctor.h"
#include "runtime/secret_key.h"

namespace till::runtime {
namespace {

constexpr size_t kMostBytes = 16 * 1024;

bool is_secret(const std::string& name) { return name == kAdminPassword || name.ends_with(".key"); }

/// True if it is as it must be.
bool check_secret(const std::string& path, Findings& findings) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || ::access(path.c_str(), R_OK) != 0) {
    findings.wrong(path + ": cannot be read: " + std::strerror(errno), "give it to the user of its folder");
    return false;
  }
  if ((info.st_mode & 077) == 0) return true;
  findings.wrong(path + ": others may read this secret",
                 "chmod 600 " + path + "; if they could reach it, remove it: a new one is made");
  return false;
}

}  // namespace

void check_secrets(const std::string& folder, Findings& findings) {
  std::error_code failed;
  bool fine = true;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed))
    if (is_secret(entry.path().filename().string())) fine &= check_secret(entry.path().string(), findings);
  const std::string key = folder + "/" + kTokenKey;
  if (const auto kept = read_file(key, kMostBytes); kept && kept->size() != SecretKey().size()) {
    fine = false;
    findings.wrong(key + ": must hold 32 bytes", "remove it: a new one is made, and everybody logs in again");
  }
  if (fine) findings.fine(folder + ": secrets are this user's alone");
}

void check_certificate(const std::string& folder, Clock& clock, Random& random, Findings& findings) {
  const std::string path = folder + "/" + kDeviceCertificate, key = folder + "/" + kDeviceKey;
  const std::string cure = "remove " + path + " and " + key + ": new ones are made, and tills are paired again";
  const auto pem = read_file(path, kMostBytes);
  if (!pem) {
    if (::access(path.c_str(), F_OK) == 0) findings.wrong(pem.error().message, cure);
    return;
  }
  const auto life = crypto::certificate_life(*pem);
  if (!life) return findings.wrong(path + ": " + life.error().message, cure);
  if (clock.now() < life->begins)
    return findings.wrong(path + ": is valid from " + to_rfc3339(life->begins) + " only", "set the clock");
  if (clock.now() > life->ends)
    return findings.wrong(path + ": expired at " + to_rfc3339(life->ends), "see that the clock is right; then " + cure);
  const auto loaded = http::TlsServer::load(path, key, random);
  findings.check(loaded ? Status() : Status(loaded.error()), path + ": valid to " + to_rfc3339(life->ends), cure);
}

}  // namespace till::runtime
