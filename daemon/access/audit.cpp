#include "access/audit.h"

namespace till::access {
namespace {

/// Eight bytes, big endian: numbers and lengths, so that no two events have the same bytes.
void add_number(crypto::Sha256& hash, int64_t number) {
  std::array<uint8_t, 8> bytes;
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(static_cast<uint64_t>(number) >> (8 * (bytes.size() - 1 - i)));
  hash.add(bytes);
}

void add_text(crypto::Sha256& hash, const std::string& text) {
  add_number(hash, static_cast<int64_t>(text.size()));
  hash.add(as_bytes(text));
}

}  // namespace

crypto::Digest chained(const crypto::Digest& former, const AuditEvent& event) {
  crypto::Sha256 hash;
  hash.add(former);
  add_number(hash, event.at.ms);
  add_number(hash, static_cast<int64_t>(event.action));
  add_number(hash, event.user);
  add_number(hash, event.subject);
  add_text(hash, event.address);
  add_text(hash, event.detail);
  return hash.finish();
}

}  // namespace till::access
