// Whole small files: keys, certificates, settings, first passwords. Called at start and by `init`, on the main thread.
// It refuses to leave half a file: what it writes is there whole, also after a power cut, or not at all.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace till {

/// The content of a file of at most `max_bytes`. Errors: not_found if it is missing or may not be read, too_large.
Result<std::string> read_file(const std::string& path, size_t max_bytes);

/// Writes beside `path`, syncs and renames. The file never has more rights than `mode` (0600 for secrets), also not for
/// a moment, and whatever was there before is replaced. Errors: full, internal; the message names the path.
Status write_file(const std::string& path, std::string_view content, mode_t mode);

/// Gives a file another name in the same file system, and makes its content and the name last first: after a power cut
/// it is whole under one of the two. Errors: full, internal; the message names `to`.
Status move_file(const std::string& from, const std::string& to);

}  // namespace till
