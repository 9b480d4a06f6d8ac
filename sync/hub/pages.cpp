#include "sync/hub/pages.h"

#include <algorithm>

#include "sync/hub/conflicts.h"
#include "sync/hub/quarantine.h"

namespace till::hub {
namespace {

using core::Page;
using core::Pull;

constexpr int64_t kMaxHeld = 4096;  // named in a page

/// Items with their revs, in order; `end`: up to here all are there.
struct Harvest {
  struct Part {
    int64_t rev = 0;
    core::Item item;
    size_t bytes = 0;
  };
  std::vector<Part> parts{};
  int64_t end = 0;
};

// Closes a harvest that stopped at its limit before the last rev it saw, which may be incomplete.
template <class Parts>
void end_before_last(Parts& parts, int64_t& end) {
  end = parts.back().rev - 1;
  std::erase_if(parts, [&](const auto& part) { return part.rev > end; });
}

Result<Harvest> rows_after(sqlite::Connection& db, int64_t after, int64_t head) {
  Harvest found{.end = head};
  size_t bytes = 0;
  auto query = db.query("SELECT rev, image FROM shared_rows WHERE rev > ? ORDER BY rev", after);
  while (query.next()) {
    const auto raw = query.get<Bytes>(1);
    TILL_TRY(core::RowImage image, core::read_image(raw));
    found.parts.push_back({query.get<int64_t>(0), std::move(image), raw.size()});
    bytes += raw.size();
    if (static_cast<int64_t>(found.parts.size()) < kMaxPageItems && bytes < kMaxPageBytes) continue;
    found.end = found.parts.back().rev;  // a row has its rev for itself
    break;
  }
  TILL_CHECK(query.status());
  return found;
}

// `own`: the asking epoch's streams; their facts are named, not sent.
Result<Harvest> facts_after(sqlite::Connection& db, const Identity& identity, int64_t scope, int64_t after,
                            int64_t head, const std::vector<StreamRow>& own) {
  Harvest found{.end = head};
  size_t bytes = 0;
  auto query = db.query(
      "SELECT c.rev, f.stream, f.seq, f.uid, f.kind, f.schema, f.hlc, f.business_date, f.trace, f.body,"
      " coalesce(n.name, 'hub'), t.epoch FROM changes c JOIN facts f ON f.row = c.fact"
      " LEFT JOIN streams t ON t.row = f.stream LEFT JOIN nodes n ON n.row = t.node"
      " WHERE c.scope = ? AND c.rev > ? ORDER BY c.rev",
      scope, after);
  while (query.next()) {
    int64_t rev = 0, stream = 0;
    core::Fact fact;
    core::Envelope& e = fact.envelope;
    std::optional<core::Epoch> epoch;
    query.read(rev, stream, e.seq, e.uid, e.kind, e.schema, e.hlc, e.business_date, e.trace, e.body, fact.node, epoch);
    fact.epoch = epoch.value_or(identity.epoch);
    const auto mine = std::find_if(own.begin(), own.end(), [&](const StreamRow& s) { return s.row == stream; });
    const size_t size = mine == own.end() ? core::wire_size(e) : 0;
    if (mine == own.end())
      found.parts.push_back({rev, std::move(fact), size});
    else
      found.parts.push_back({rev, core::Own{.stream = mine->stream, .seq = e.seq}, size});
    bytes += size;
    if (static_cast<int64_t>(found.parts.size()) < kMaxPageItems && bytes < kMaxPageBytes) continue;
    found.end = rev;  // so has a fact
    break;
  }
  TILL_CHECK(query.status());
  return found;
}

Status add_conflicts(sqlite::Connection& db, int64_t scope, int64_t after, Harvest& found) {
  // One envelope makes fewer than the limit, so at least one rev is whole.
  constexpr int64_t kLimit = 4000;
  TILL_TRY(auto rows, conflicts_after(db, scope, after, found.end, kLimit));
  if (static_cast<int64_t>(rows.size()) == kLimit) {
    end_before_last(rows, found.end);
    std::erase_if(found.parts, [&](const Harvest::Part& part) { return part.rev > found.end; });
  }
  for (ConflictRow& row : rows) {
    const core::Clash& c = row.entry.clash;
    const size_t size = 128 + c.base.size() + c.ours.size() + c.theirs.size();
    found.parts.push_back({row.rev, std::move(row.entry), size});
  }
  std::stable_sort(found.parts.begin(), found.parts.end(),
                   [](const Harvest::Part& a, const Harvest::Part& b) { return a.rev < b.rev; });
  return {};
}

// Ends the page where it is full, at the end of a rev.
void cut(Harvest& found) {
  size_t bytes = 0;
  for (size_t i = 0; i < found.parts.size(); ++i) {
    bytes += found.parts[i].bytes;
    const bool rev_ends = i + 1 == found.parts.size() || found.parts[i + 1].rev != found.parts[i].rev;
    if (!rev_ends || (static_cast<int64_t>(i) + 1 < kMaxPageItems && bytes < kMaxPageBytes)) continue;
    if (i + 1 == found.parts.size()) return;
    found.end = found.parts[i].rev;
    found.parts.resize(i + 1);
    return;
  }
}

// Own facts are named by the highest of each stream, with its hash.
Status fill_items(sqlite::Connection& db, const std::vector<StreamRow>& own_streams, Harvest& found, Page& page) {
  core::Seqs highest{};
  for (Harvest::Part& part : found.parts) {
    if (const auto* own = std::get_if<core::Own>(&part.item)) {
      int64_t& seq = highest[core::index_of(own->stream)];
      seq = std::max(seq, own->seq);
    } else {
      page.items.push_back(std::move(part.item));
    }
  }
  for (const StreamRow& stream : own_streams) {
    const int64_t seq = highest[core::index_of(stream.stream)];
    if (seq == 0) continue;
    TILL_TRY(const auto hash, hash_at(db, stream.row, seq));
    page.items.push_back(core::Own{stream.stream, seq, hash.value_or(core::Hash{})});
  }
  return {};
}

// True if the node's position and its belief about our head are of our past.
Result<bool> is_of_our_past(sqlite::Connection& db, int64_t scope, const ScopeHead& head, const Pull& pull) {
  for (const core::Position& known : {pull.from, pull.head}) {
    if (known.rev > head.at.rev) return false;
    TILL_TRY(const auto chain, chain_at(db, scope, known.rev));
    if (chain != known.chain) return false;
  }
  return pull.from.rev == 0 || pull.from.rev >= head.gc_rev || pull.gc_rev == head.gc_rev;
}

}  // namespace

Result<Page> make_page(sqlite::Connection& db, const Identity& identity, const core::NodeName& name, const Pull& pull) {
  Page page{.session = pull.session, .scope = pull.scope, .id = pull.id, .from = pull.from};
  page.session.hub_epoch = identity.epoch;
  TILL_TRY(const auto node, find_node(db, name));
  std::vector<StreamRow> streams;
  if (node) {
    TILL_TRY(streams, list_streams(db, node->row, pull.session.epoch));
  }
  page.rehello = streams.empty() || pull.session.hub_epoch != identity.epoch;
  if (page.rehello) return page;
  if (node->revoked) return Error{.code = Code::forbidden, .message = "This node is revoked", .reason = "revoked"};
  const int64_t scope = pull.scope == core::Scope::tenant ? kTenant : node->store_row;
  TILL_TRY(const ScopeHead head, find_head(db, scope));
  page.head = head.at;
  page.gc_rev = head.gc_rev;
  TILL_TRY(const bool ours, is_of_our_past(db, scope, head, pull));
  page.resync = !ours;
  if (page.resync) return page;

  TILL_TRY(Harvest found, scope == kTenant ? rows_after(db, pull.from.rev, head.at.rev)
                                           : facts_after(db, identity, scope, pull.from.rev, head.at.rev, streams));
  TILL_CHECK(add_conflicts(db, scope, pull.from.rev, found));
  cut(found);
  TILL_CHECK(fill_items(db, streams, found, page));
  TILL_TRY(const auto chain, chain_at(db, scope, found.end));
  page.to = {found.end, chain.value_or(core::Chain{})};
  page.last = page.to.rev == head.at.rev;
  if (!page.last) return page;
  TILL_TRY(page.marks, marks_of(db, node->row, pull.session.epoch, pull.heads));
  TILL_TRY(page.held, held_of_node(db, node->row, kMaxHeld));
  if (scope == kTenant) page.digest = head.digest;
  return page;
}

}  // namespace till::hub
