#include "access/ports.h"

#include <algorithm>

namespace till::access {

Status note(const Ports& ports, const Actor& actor, Action action, int64_t subject, std::string detail) {
  return ports.writing.append_audit({.at = ports.clock.now(),
                                     .action = action,
                                     .user = actor.caller.user,
                                     .subject = subject,
                                     .address = actor.address,
                                     .detail = std::move(detail)});
}

void touch(domain::Head& row, const Ports& ports, int64_t version_base) {
  row.version = std::max(row.version + 1, version_base);
  row.updated_at = ports.clock.now();
}

void begin(domain::Head& row, const Ports& ports, int64_t version_base) {
  row.id = ports.ids.next();
  touch(row, ports, version_base);
  row.created_at = row.updated_at;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

}  // namespace till::access
