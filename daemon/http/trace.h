// Who is who in the logs of till and hub: the request id and the W3C trace context of a request, taken from its
// headers if they are well formed, else made. Called by the pipeline on the door's thread, first thing.
#pragma once

#include <array>
#include <string_view>

#include "http/message.h"

namespace till::http {

/// Sets request.request_id (X-Request-Id, [A-Za-z0-9-]{1,64}) and request.traceparent (W3C Trace Context §3.2, a
/// caller's trace id is kept and we are a new span in it). What is made comes from one fresh UUIDv7, so that without
/// any headers request id and trace id are the same number.
void identify(Request& request, IdSource& ids);

/// The 32 hexadecimal digits of the trace id within a traceparent of ours.
std::string_view trace_id(std::string_view traceparent);
/// The same as bytes, as rows keep it.
std::array<uint8_t, 16> trace_bytes(std::string_view traceparent);

}  // namespace till::http
