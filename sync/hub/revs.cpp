#include "sync/hub/revs.h"

#include <algorithm>

#include "crypto/hash.h"

namespace till::hub {
namespace {

core::Chain chained(const core::Chain& former, int64_t rev, const Uuid& uid, core::Kind kind) {
  Bytes bytes(former.begin(), former.end());
  ByteWriter out(bytes);
  out.integer(rev);
  out.id(uid);
  out.byte(static_cast<uint8_t>(kind));
  const crypto::Digest whole = crypto::sha256(bytes);
  core::Chain chain;
  std::copy_n(whole.begin(), chain.size(), chain.begin());
  return chain;
}

}  // namespace

Result<ScopeHead> find_head(sqlite::Connection& db, int64_t scope) {
  ScopeHead head;
  auto query = db.query("SELECT rev, chain, digest, gc_rev FROM scopes WHERE scope = ?", scope);
  if (query.next()) query.read(head.at.rev, head.at.chain, head.digest.sum, head.gc_rev);
  TILL_CHECK(query.status());
  return head;
}

Result<std::optional<core::Chain>> chain_at(sqlite::Connection& db, int64_t scope, int64_t rev) {
  if (rev == 0) return std::optional(core::Chain{});
  return db.value<core::Chain>("SELECT chain FROM changes WHERE scope = ? AND rev = ?", scope, rev);
}

void Revs::begin(const Uuid& uid, core::Kind kind) {
  uid_ = uid;
  kind_ = kind;
  for (auto& [scope, open] : scopes_) open.taken = 0;
}

Result<Revs::Open*> Revs::open(int64_t scope) {
  const auto found = scopes_.find(scope);
  if (found != scopes_.end()) return &found->second;
  TILL_TRY(const ScopeHead head, find_head(db_, scope));
  return &scopes_.emplace(scope, Open{head}).first->second;
}

Result<int64_t> Revs::take(int64_t scope, std::optional<int64_t> fact) {
  TILL_TRY(Open * open, this->open(scope));
  if (open->taken != 0) {
    // A clash that the fact made took the rev before the fact itself did.
    if (fact) TILL_CHECK(db_.run("UPDATE changes SET fact = ? WHERE scope = ? AND rev = ?", fact, scope, open->taken));
    return open->taken;
  }
  core::Position& at = open->head.at;
  open->taken = ++at.rev;
  at.chain = chained(at.chain, at.rev, uid_, kind_);
  TILL_CHECK(
      db_.run("INSERT INTO changes (scope, rev, chain, fact) VALUES (?, ?, ?, ?)", scope, at.rev, at.chain, fact));
  return open->taken;
}

Result<core::SetHash*> Revs::digest() {
  TILL_TRY(Open * open, this->open(kTenant));
  return &open->head.digest;
}

Status Revs::save() {
  for (const auto& [scope, open] : scopes_)
    TILL_CHECK(
        db_.run("INSERT INTO scopes (scope, rev, chain, digest, gc_rev) VALUES (?1, ?2, ?3, ?4, ?5)"
                " ON CONFLICT (scope) DO UPDATE SET rev = ?2, chain = ?3, digest = ?4",
                scope, open.head.at.rev, open.head.at.chain, open.head.digest.sum, open.head.gc_rev));
  return {};
}

}  // namespace till::hub
