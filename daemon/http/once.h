// Idempotency of writes whose effect has no room for the key itself (20-api, Idempotency). Wraps the work of a route;
// runs on the writer's thread inside the work's savepoint, so effect and kept answer are committed together or not at
// all. One writer means there is no "in flight": a second request with the key comes after the first, in the same
// transaction or a later one, and finds its answer.
#pragma once

#include "http/ports.h"

namespace till::http {

/// Sets the body's hash of a key: the first 8 bytes of its SHA-256.
void hash_body(OnceKey& key, std::string_view body);

/// The work that first looks for the key's answer, and keeps the one it makes. Only 2xx answers are kept: a refusal
/// changed nothing, so it may be tried again with the same key, and by then it may be no refusal any more.
Work remember(OnceStore& store, OnceKey key, Work work);

}  // namespace till::http
