#include "sync/node/page_keeper.h"

#include "base/log.h"
#include "store/conflicts.h"
#include "store/former.h"
#include "store/remote.h"
#include "store/shared.h"

namespace till::node {

using core::Scope;
using core::Stream;

Result<ScopeRow> PageKeeper::keep(const core::Page& page, ScopeRow scope, const std::vector<Landed>& landed) {
  if (page.from.rev == 0) scope.state.gc_rev = page.gc_rev;  // a pull names the mark it began under (B9)
  TILL_CHECK(keep_items(page, scope));
  scope.state.cursor = page.to;
  scope.state.head = page.head;
  if (page.last) {
    TILL_CHECK(land(landed, page.held));
    TILL_CHECK(finish(page, scope));
  }
  for (const outbox::RowKey& key : touched_) TILL_CHECK(store::show_row(tx_, identity_, key, stamp_));
  TILL_CHECK(save_scope(tx_, page.scope, scope));
  return scope;
}

Status PageKeeper::keep_items(const core::Page& page, ScopeRow& scope) {
  for (const core::Item& item : page.items) {
    if (const auto* image = std::get_if<core::RowImage>(&item)) TILL_CHECK(keep_row(*image, scope));
    if (const auto* fact = std::get_if<core::Fact>(&item)) TILL_CHECK(keep_fact(*fact, scope));
    if (const auto* conflict = std::get_if<core::Conflict>(&item))
      TILL_CHECK(store::put_conflict(tx_, page.scope, *conflict));
  }
  return {};
}

Status PageKeeper::keep_row(const core::RowImage& image, ScopeRow& scope) {
  if (scope.state.shadow) {
    TILL_TRY(const bool newer, outbox::put_image(tx_, outbox::ImageSet::shadow, image, scope.shadow_digest));
    static_cast<void>(newer);
    return {};
  }
  TILL_TRY(const bool newer, outbox::put_image(tx_, outbox::ImageSet::rows, image, scope.digest));
  if (newer) touched_.insert({image.entity, image.id});
  return {};
}

Status PageKeeper::keep_fact(const core::Fact& fact, ScopeRow& scope) {
  const store::RemoteFact remote = store::read_fact(fact.node, fact.envelope);
  if (remote.is_read()) {
    scope.hlc = std::max(scope.hlc, remote.hlc);
    journal_.witness(remote.hlc);
  } else {
    log::error("fact not understood", {{"node", fact.node}, {"uid", remote.uid}});
  }
  return fact.node == identity_.node ? store::put_back_fact(tx_, identity_, fact.envelope,
                                                            store::read_former_order(identity_, fact.envelope), stamp_)
                                     : store::book_fact(tx_, remote, identity_.version_base);
}

// The edits whose outcome this page and those before it contain are shown no longer; those that wait at the hub are,
// and those that a hub put back to an earlier time has lost are again.
Status PageKeeper::land(const std::vector<Landed>& landed, const std::vector<Uuid>& held) {
  bool edits = false;
  for (const auto& [stream, anchor] : landed) {
    TILL_TRY(auto marks, outbox::get_marks(tx_, stream));
    const int64_t before = std::exchange(marks.landed, anchor).seq;
    TILL_CHECK(outbox::save_marks(tx_, stream, marks));
    if (stream == Stream::sale) continue;
    edits = true;
    TILL_TRY(const auto rows,
             outbox::rows_between(tx_, stream, std::min(before, anchor.seq), std::max(before, anchor.seq)));
    touch(rows);
  }
  if (!edits) return {};
  TILL_TRY(const auto rows, outbox::set_held(tx_, held));
  touch(rows);
  return {};
}

Status PageKeeper::finish(const core::Page& page, ScopeRow& scope) {
  const bool anew = scope.state.shadow;
  scope.state.shadow = false;
  if (page.scope != Scope::tenant) return {};
  if (anew) {
    TILL_TRY(const auto differing, outbox::swap_images(tx_));
    touch(differing);
    scope.digest = scope.shadow_digest;
    scope.shadow_digest = {};
  }
  return page.digest ? compare_digest(*page.digest, scope, anew) : Status{};
}

// Unequal rows are pulled anew, once: if that did not help, it is a fault of ours or of the hub's, and repeating it
// would only cost bandwidth.
Status PageKeeper::compare_digest(const core::SetHash& digest, ScopeRow& scope, bool anew) {
  if (digest == scope.digest) {
    scope.matched_at = stamp_.now;
    scope.mismatches = 0;
    return {};
  }
  log::error("rows differ from the hub's", {{"rev", scope.state.cursor.rev}, {"again", scope.mismatches}});
  if (scope.mismatches++ > 0 || anew) return {};
  TILL_TRY(scope, start_over(tx_, Scope::tenant, scope));
  return {};
}

Result<ScopeRow> start_over(sqlite::Connection& tx, Scope scope, ScopeRow row) {
  row.state = {.shadow = true};
  row.shadow_digest = {};
  TILL_CHECK(store::clear_conflicts(tx, scope));
  if (scope == Scope::tenant) TILL_CHECK(outbox::clear_shadow(tx));
  TILL_CHECK(save_scope(tx, scope, row));
  return row;
}

}  // namespace till::node
