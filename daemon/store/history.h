// The change history of shared rows: one entry a version, with what each changed field was and became.
#pragma once

#include "domain/history.h"
#include "sync/outbox/edits.h"

namespace till::store {

/// Who writes, when, and from which version on (31-sync-review D9: versions grow over restores).
struct Stamp {
  Time now;
  int64_t user = 0;
  int64_t version_base = 1;
  std::optional<outbox::Author> author{};  // whose edits go to the hub; none: the hub wrote it

  [[nodiscard]] int64_t next_version(int64_t current) const { return std::max(current + 1, version_base); }
};

using core::Entity;  // the same numbers in the history, on the wire and at the hub

/// {"field": [before, after]} for each stored field that differs, the head's own left out.
template <Described Row>
std::string differences(const Row& before, const Row& after) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  for_each_field<Row>([&](const auto& f, size_t) {
    using T = typename std::decay_t<decltype(f)>::Type;
    if (!f.column || f.edit == Edit::server || before.*f.member == after.*f.member) return;
    out.key(f.name).begin_array();
    Codec<T>::write(out, before.*f.member);
    Codec<T>::write(out, after.*f.member);
    out.end_array();
  });
  out.end_object();
  return text;
}

Status append_history(sqlite::Connection& db, Entity entity, int64_t row, int64_t version, const std::string& changes,
                      const Stamp& stamp);

/// Newest first, versions below `before` (0: from the newest).
Result<std::vector<domain::HistoryEntry>> list_history(sqlite::Connection& db, Entity entity, int64_t row,
                                                       int64_t before, int64_t limit);
/// How many entries there are.
Result<int64_t> count_history(sqlite::Connection& db, Entity entity, int64_t row);

}  // namespace till::store
