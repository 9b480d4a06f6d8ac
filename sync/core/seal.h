// A message on the wire: deflated if that helps, and under an HMAC of the node's key, because the broker is a wire for
// trust too. Pure. The topic is part of what is signed: nothing can be replayed as something else or for somebody else.
//
//   payload = u8 1 | u8 flags (1: content is deflated) | 16 bytes HMAC-SHA-256(key, topic ‖ 0 ‖ u8 1 ‖ flags ‖ content
//   as sent), cut | content
#pragma once

#include "sync/core/message.h"

namespace till::core {

inline constexpr size_t kMaxContent = size_t{4} << 20;
inline constexpr size_t kMaxPayload = size_t{4} << 20;

Bytes seal(const Message& message, const Key& key, std::string_view topic);

/// Errors: unauthorized (HMAC), invalid (frame, inflated size, content).
Result<Message> open(ByteView payload, const Key& key, std::string_view topic);

/// A hello that brings the key it is signed with, from a node whose key is not known yet.
Result<Hello> open_introduction(ByteView payload, std::string_view topic);

}  // namespace till::core
