// The body of an upload on its way to a file: bodies of up to 64 MB must not stand in memory. Door's thread.
// Readable by this user only, and gone when the Spool is.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/fd.h"

namespace till::http {

class Spool {
 public:
  /// A new file "upload-…" in `folder`. Errors: full, internal.
  static Result<std::unique_ptr<Spool>> create(const std::string& folder);
  /// Removes what uploads a killed process left behind.
  static void clear(const std::string& folder);
  ~Spool();

  /// Errors: full (no space or quota), internal.
  Status write(std::string_view bytes);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Spool(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Fd file_;
  std::string path_;
};

}  // namespace till::http
