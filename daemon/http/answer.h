// Responses as bytes: status line, fields, body. Used by the door on its thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace till::http {

/// The Date field, written anew once a second.
class DateLine {
 public:
  /// "Date: Wed, 22 Dec 2010 09:41:00 GMT\r\n" (RFC 9110 §5.6.7).
  std::string_view line(Time now);

 private:
  int64_t second_ = -1;
  std::string line_;
};

/// Appends head and body. `body_left_out` answers HEAD: the length is told, the body is not. With the fields of the
/// response go those that every answer has: Date, no sniffing, no framing, no referrer.
void append_answer(std::string& out, const Response& response, std::string_view date_line, bool body_left_out,
                   bool close);

}  // namespace till::http
