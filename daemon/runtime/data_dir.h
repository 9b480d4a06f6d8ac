// The data directory: one process at a time, mode 0700, and where everything in it lies that every program has.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace till::runtime {

class DataDir {
 public:
  /// Opens it and takes its lock (on the directory itself, so that a refused start writes nothing). `make`: create it
  /// if it is missing. Errors, as one line naming the directory: not_found; busy if another process works in it.
  /// `program`: what that line calls the other one.
  static Result<DataDir> open(const std::string& path, bool make, std::string_view program);
  DataDir(DataDir&& other) noexcept;
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;
  DataDir& operator=(DataDir&&) = delete;
  ~DataDir();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const char* name) const { return path_ + "/" + name; }
  /// Makes a folder in it, if it is missing; mode 0700.
  Status make_folder(const char* name) const;
  /// Ok if a file can be written, synced and removed there. Error: why not.
  [[nodiscard]] Status try_to_write() const;

 private:
  DataDir(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

  std::string path_;
  int fd_;
};

// Names in a data directory.
inline constexpr const char* kControlSocket = "control.sock";
inline constexpr const char* kTokenKey = "token.key";
inline constexpr const char* kDeviceCertificate = "device.crt";
inline constexpr const char* kDeviceKey = "device.key";
inline constexpr const char* kAdminPassword = "admin-password";
inline constexpr const char* kSpool = "spool";
inline constexpr const char* kReserve = "reserve";

}  // namespace till::runtime
