// Uploads on disk (http/spool.h).
#include "http/spool.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace till::http {
namespace {

constexpr std::string_view kPrefix = "upload-";

Error file_error(int cause) {
  if (cause == ENOSPC || cause == EDQUOT) return {Code::full, "There is no room on disk for the upload"};
  return {Code::internal, std::string("the upload cannot be written: ") + std::strerror(cause)};
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::create(const std::string& folder) {
  TILL_ASSERT(!folder.empty());
  std::string path = folder + "/" + std::string(kPrefix) + "XXXXXX";
  Fd file(::mkostemp(path.data(), O_CLOEXEC));  // 0600
  if (!file) return file_error(errno);
  return std::unique_ptr<Spool>(new Spool(std::move(file), std::move(path)));
}

void Spool::clear(const std::string& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().filename().string().starts_with(kPrefix)) std::filesystem::remove(entry.path(), failed);
  }
}

Spool::~Spool() { ::unlink(path_.c_str()); }

Status Spool::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error(errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

}  // namespace till::http
