// The one parser of requests (RFC 9112), strict on purpose: two readers that disagree about one message are how
// requests are smuggled, so whatever could be read in two ways is refused. Pure; called by the door on its thread.
//
//   head  = method SP target SP "HTTP/1." ("0" | "1") CRLF *(name ":" OWS value OWS CRLF) CRLF
//   at most 16 KB, 100 fields, a target of 8 KB in origin form; every line ends with CRLF, nothing is folded
//
// Refuses with 400, 411, 414, 415, 417, 431, 501, 505; the rows of tests/http/parser_test.cpp are the full list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.h"
#include "http/refusal.h"

namespace till::http {

inline constexpr size_t kMaxHead = 16 * 1024;
inline constexpr size_t kMaxFields = 100;
inline constexpr size_t kMaxTarget = 8 * 1024;
inline constexpr size_t kMaxQueryParameters = 100;

struct Scan {
  size_t head_bytes = 0;  // with its last empty line; 0: the head is not whole yet
  std::optional<Refusal> refusal{};
};
/// Looks for the end of the head at the front of `bytes`. `line_start` is 0 for a new head; it keeps what was looked
/// at, so that a head that drips in is not read again and again. The outcome does not depend on how the bytes are
/// cut. Refuses as soon as it can: a foreign protocol at its first byte, a bare LF, a line or head over its limit.
Scan scan_head(std::string_view bytes, size_t& line_start);

/// What the door has to know of a head beside the Request.
struct Head {
  bool close = false;  // asked to close after the answer, or HTTP/1.0
  bool expects_continue = false;
  uint64_t content_length = 0;
};
/// Reads a whole head, as scan_head() found it, into method, path, query and headers of `request` (which must be
/// fresh). Parts read before a refusal stay in it, for the log.
std::optional<Refusal> parse_head(std::string_view bytes, Request& request, Head& head);

/// Reads a target in origin form into path and query: percent-decoded UTF-8 without NUL. Refuses dot segments, an
/// encoded slash, a backslash or control character in the path, and over 100 parameters.
std::optional<Refusal> parse_target(std::string_view target, Request& request);

/// A byte below the space, or DEL. (Whether char has a sign differs between x86 and ARM.)
inline bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

/// True if a list header ("Connection: keep-alive, Upgrade") has the token, in either case.
bool has_token(std::string_view list, std::string_view lower_case_token);

/// "text/csv" of "Text/CSV; charset=utf-8".
std::string media_type(std::string_view content_type);

}  // namespace till::http
