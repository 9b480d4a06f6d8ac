// The one place where errors become answers: RFC 9457 problem documents, and the one switch from Code to HTTP status.
// Used by the pipeline and, through Dispatcher::refuse, by the door. Pure; any thread.
// Never lets the message of an internal error out: it holds causes (a path, a statement), which belong in the log.
#pragma once

#include <string_view>

#include "http/message.h"

namespace till::http {

/// What every problem of one Code has in common.
struct ProblemKind {
  int status;
  std::string_view title;
  bool retryable;         // the same request may succeed later without anybody doing anything
  std::string_view help;  // for /docs: what the caller should do
};
ProblemKind kind_of(Code code);
inline constexpr int kCodes = static_cast<int>(Code::internal) + 1;

/// The document of an error. stale carries the row as it is now under "current", and its ETag; unauthorized carries
/// WWW-Authenticate; too_many and busy carry Retry-After.
///   {"type": "/docs#problem-stale", "title", "status", "detail", "code", "request_id", "retryable",
///    "errors": [{"pointer", "code", "detail"}], "current": {…}}
/// `status_member` is a dialect's other name for "status", written besides it; empty: none.
Response problem(const Error& error, std::string_view request_id, std::string_view status_member = {});

/// A refusal that HTTP itself has a word for (405, 408, 411, 415, 431 …): type about:blank.
Response refusal(int status, std::string_view code, std::string_view detail, std::string_view request_id,
                 std::string_view status_member = {});

/// "Not Found": the reason phrase of a status (RFC 9110 §15); "Error" or "OK" for one not listed.
std::string_view status_text(int status);

}  // namespace till::http
