#include "sync/outbox/edits.h"

#include <algorithm>
#include <set>

#include "sync/core/hlc.h"

namespace till::outbox {
namespace {

using core::FieldEdit;
using core::RowEdit;
using core::Stream;

// What the author saw in a field: the newest own edit of it that is shown, else what the hub has.
std::vector<core::Tag> base_of(const std::string& field, const std::vector<Pending>& own,
                               const std::optional<core::RowImage>& image) {
  for (auto edit = own.rbegin(); edit != own.rend(); ++edit)
    for (const FieldEdit& f : edit->edit.fields)
      if (f.name == field) return {core::tag_of(edit->uid)};
  const core::RowField* shown = image ? image->find(field) : nullptr;
  return shown ? shown->tags : std::vector<core::Tag>{};
}

// A removal has seen also the fields that this node does not know: they came with the image.
void name_unknown_fields(RowEdit& edit, const core::RowImage& image) {
  for (const core::RowField& field : image.fields) {
    const auto same = [&](const FieldEdit& f) { return f.name == field.name; };
    if (std::none_of(edit.fields.begin(), edit.fields.end(), same))
      edit.fields.push_back({.name = field.name, .before = field.value});
  }
}

Result<Stream> stream_for(sqlite::Connection& db, const RowEdit& edit, Stream wanted) {
  TILL_TRY(const auto busy, (db.value<Stream>("SELECT o.stream FROM outbox o JOIN sync_streams s ON s.stream = o.stream"
                                              " WHERE o.row_id = ? AND o.entity = ? AND o.seq > s.acked"
                                              " ORDER BY o.lo DESC LIMIT 1",
                                              edit.id, edit.entity)));
  return busy.value_or(wanted);
}

Result<std::vector<RowKey>> read_keys(sqlite::Query query) {
  std::vector<RowKey> keys;
  while (query.next()) {
    RowKey& key = keys.emplace_back();
    query.read(key.entity, key.id);
  }
  TILL_CHECK(query.status());
  return keys;
}

// Those that were held and are no longer.
Result<std::vector<RowKey>> rows_now_free(sqlite::Connection& db, const std::set<Uuid>& held) {
  std::vector<Uuid> free;
  std::vector<RowKey> keys;
  {
    auto query = db.query("SELECT uid, entity, row_id FROM outbox WHERE held = 1");
    while (query.next()) {
      const Uuid uid = query.get<Uuid>(0);
      if (held.contains(uid)) continue;
      free.push_back(uid);
      keys.push_back({query.get<core::Entity>(1), query.get<Uuid>(2)});
    }
    TILL_CHECK(query.status());
  }
  for (const Uuid& uid : free) TILL_CHECK(db.run("UPDATE outbox SET held = 0 WHERE uid = ?", uid));
  return keys;
}

}  // namespace

Result<bool> is_attached(sqlite::Connection& db) {
  TILL_TRY(const auto found, db.value<int64_t>("SELECT 1 FROM meta WHERE key = 'attached_at'"));
  return found.has_value();
}

Status append(sqlite::Connection& db, RowEdit edit, const Author& author) {
  const RowKey key{edit.entity, edit.id};
  TILL_TRY(const auto own, pending_edits(db, key));
  TILL_TRY(const auto image, find_image(db, key));
  if (edit.action == core::Action::remove && image) name_unknown_fields(edit, *image);
  for (FieldEdit& field : edit.fields) field.base = base_of(field.name, own, image);
  edit.user = author.user;
  TILL_TRY(const Stream stream, stream_for(db, edit, author.stream));
  TILL_CHECK(db.run("UPDATE sync_streams SET head = head + 1 WHERE stream = ?", stream));
  return db.run(
      "INSERT INTO outbox (stream, seq, uid, entity, row_id, hlc, business_date, trace, body)"
      " VALUES (?1, (SELECT head FROM sync_streams WHERE stream = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      stream, author.ids->next(), edit.entity, edit.id, core::hlc_of(edit.at), author.business_date, author.trace,
      core::write_edit(edit));
}

Result<std::vector<Pending>> pending_edits(sqlite::Connection& db, const RowKey& key) {
  auto query = db.query(
      "SELECT o.uid, o.body FROM outbox o JOIN sync_streams s ON s.stream = o.stream"
      " WHERE o.row_id = ? AND o.entity = ? AND (o.seq > s.landed OR o.held) ORDER BY o.lo",
      key.id, key.entity);
  std::vector<Pending> edits;
  while (query.next()) {
    Pending& pending = edits.emplace_back();
    pending.uid = query.get<Uuid>(0);
    TILL_TRY(pending.edit, core::read_edit(query.get<Bytes>(1)));
  }
  TILL_CHECK(query.status());
  return edits;
}

Result<std::vector<core::Envelope>> load_edits(sqlite::Connection& db, Stream stream, int64_t first, int64_t most) {
  auto query = db.query(
      "SELECT seq, uid, hlc, business_date, trace, body FROM outbox WHERE stream = ? AND seq >= ? ORDER BY seq LIMIT ?",
      stream, first, most);
  Batch batch;
  while (query.next()) {
    core::Envelope e;
    query.read(e.seq, e.uid, e.hlc, e.business_date, e.trace, e.body);
    e.kind = core::Kind::edit;
    if (!batch.add(std::move(e))) break;
  }
  TILL_CHECK(query.status());
  return std::move(batch).take();
}

Result<std::vector<RowKey>> rows_between(sqlite::Connection& db, Stream stream, int64_t from, int64_t to) {
  return read_keys(
      db.query("SELECT entity, row_id FROM outbox WHERE stream = ? AND seq > ? AND seq <= ?", stream, from, to));
}

Result<std::vector<RowKey>> set_held(sqlite::Connection& db, const std::vector<Uuid>& uids) {
  TILL_TRY(auto changed, rows_now_free(db, {uids.begin(), uids.end()}));
  for (const Uuid& uid : uids) {
    TILL_TRY(const auto keys, read_keys(db.query("SELECT entity, row_id FROM outbox WHERE uid = ? AND held = 0", uid)));
    if (keys.empty()) continue;
    TILL_CHECK(db.run("UPDATE outbox SET held = 1 WHERE uid = ?", uid));
    changed.insert(changed.end(), keys.begin(), keys.end());
  }
  return changed;
}

Result<bool> holds_any(sqlite::Connection& db) {
  TILL_TRY(const auto found, db.value<int64_t>("SELECT 1 FROM outbox WHERE held = 1 LIMIT 1"));
  return found.has_value();
}

Status trim(sqlite::Connection& db, Stream stream, int64_t seq) {
  return db.run("DELETE FROM outbox WHERE stream = ? AND seq <= ? AND held = 0", stream, seq);
}

Status clear(sqlite::Connection& db) {
  TILL_CHECK(db.run("DELETE FROM outbox"));
  return rewrap(db);
}

namespace {

// An envelope of the outbox as it stands there.
struct Kept {
  Stream stream{};
  int64_t held = 0;
  RowKey key{};
  core::Envelope envelope{};
};

Result<std::optional<Kept>> find_kept(sqlite::Connection& db, int64_t lo) {
  auto query = db.query(
      "SELECT stream, held, entity, row_id, uid, hlc, business_date, trace, body FROM outbox WHERE lo = ?", lo);
  std::optional<Kept> kept;
  if (query.next()) {
    core::Envelope& e = kept.emplace().envelope;
    query.read(kept->stream, kept->held, kept->key.entity, kept->key.id, e.uid, e.hlc, e.business_date, e.trace,
               e.body);
  }
  TILL_CHECK(query.status());
  return kept;
}

Status put_kept(sqlite::Connection& db, const Kept& kept, int64_t lo) {
  const core::Envelope& e = kept.envelope;
  return db.run(
      "INSERT INTO outbox (lo, stream, seq, uid, entity, row_id, hlc, business_date, trace, body, held)"
      " VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
      lo, kept.stream, e.uid, kept.key.entity, kept.key.id, e.hlc, e.business_date, e.trace, e.body, kept.held);
}

// The newest edit's place; the index tells it where the table is unreadable. 0: neither does.
int64_t newest_of(sqlite::Connection& damaged) {
  for (const char* sql : {"SELECT max(lo) FROM outbox", "SELECT max(lo) FROM outbox INDEXED BY outbox_seq"})
    if (const auto newest = damaged.value<int64_t>(sql); newest && *newest) return **newest;
  return 0;
}

}  // namespace

Result<std::vector<RowKey>> carry_over(sqlite::Connection& old, sqlite::Connection& fresh) {
  std::vector<RowKey> made;
  const int64_t newest = newest_of(old);
  const auto oldest = old.value<int64_t>("SELECT min(lo) FROM outbox");
  for (int64_t lo = oldest ? oldest->value_or(1) : 1; lo <= newest; ++lo) {
    const auto kept = find_kept(old, lo);
    if (!kept || !*kept) continue;
    const auto edit = core::read_edit((*kept)->envelope.body);
    if (!edit || edit->id != (*kept)->key.id) continue;
    TILL_CHECK(put_kept(fresh, **kept, lo));
    if (edit->action == core::Action::create) made.push_back((*kept)->key);
  }
  const auto attached = old.value<int64_t>("SELECT value FROM meta WHERE key = 'attached_at'");
  if (attached && *attached)
    TILL_CHECK(fresh.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('attached_at', ?)", **attached));
  return made;
}

Status rewrap(sqlite::Connection& db) {
  TILL_CHECK(
      db.run("UPDATE outbox SET seq = n.seq FROM"
             " (SELECT lo, row_number() OVER (PARTITION BY stream ORDER BY seq) AS seq FROM outbox) n WHERE n.lo = "
             "outbox.lo"));
  return db.run(
      "UPDATE sync_streams SET head = (SELECT count(*) FROM outbox o WHERE o.stream = sync_streams.stream),"
      " acked = 0, acked_hash = NULL, backed = 0, backed_hash = NULL, landed = 0, landed_hash = NULL");
}

}  // namespace till::outbox
