#include "sync/core/conflict_entry.h"

namespace till::core {
namespace {

// A value of the journal is JSON already; an absent one is null.
JsonText as_json(const std::string& text) { return parse_json(text) ? JsonText{text} : JsonText{"null"}; }

}  // namespace

ConflictEntry entry_of(const Conflict& c) {
  return {.id = c.id,
          .status = c.status,
          .kind = c.clash.kind,
          .entity = std::string(to_string(c.entity)),
          .row_id = c.row,
          .field_name = c.clash.field,
          .base = as_json(c.clash.base),
          .ours = as_json(c.clash.ours),
          .theirs = as_json(c.clash.theirs),
          .policy = c.clash.policy,
          .winner = c.clash.winner,
          .node = c.node,
          .user_id = c.user,
          .at = c.at,
          .envelope_id = c.uid};
}

}  // namespace till::core
