#include "sqlite/writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "base/log.h"

namespace till::sqlite {
namespace {

constexpr auto kIdle = std::chrono::milliseconds(500);  // how long nothing must happen before a small WAL is folded in
constexpr int64_t kIdleFrames = 512;  // a smaller WAL is left alone: folding it costs more than it saves

bool is_full(const Status& status) { return !status.ok() && status.error().code == Code::full; }

// Told by the job itself; all others come from the database under it.
bool is_refusal(Code code) {
  return code != Code::internal && code != Code::full && code != Code::busy && code != Code::offline;
}

// Try again soon: the restart that checks the file, or the disk that can be written again, is on its way.
Error broken_error() {
  return {.code = Code::offline, .message = "The database cannot be written", .retry_after_s = 5};
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, WriterOptions options)
    : db_(std::move(connection)), options_(options) {
  sqlite3_wal_hook(
      db_->handle(),
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Writer*>(self)->stats_.wal_frames.store(frames, std::memory_order_relaxed);
        return SQLITE_OK;
      },
      this);
}

Writer::~Writer() { stop(); }

void Writer::start() {
  thread_ = std::thread([this] { loop(); });
}

void Writer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

bool Writer::submit(Job job, Done done) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= options_.queue) {
      stats_.refused.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    queue_.push_back({std::move(job), std::move(done), {}});
    if (queue_.size() > 1) return true;  // the writer is awake: it was woken for the first one
  }
  wake_.notify_one();
  return true;
}

Status Writer::run(Job job) {
  std::promise<Status> promise;
  auto future = promise.get_future();
  if (!submit(std::move(job), [&promise](Status status) { promise.set_value(std::move(status)); }))
    return Error{.code = Code::busy, .message = "Too much is waiting to be written", .retry_after_s = 1};
  return future.get();
}

bool Writer::take(std::vector<Item>& group) {
  std::unique_lock lock(mutex_);
  while (queue_.empty()) {
    if (stopping_) return false;
    stats_.progress.fetch_add(1, std::memory_order_relaxed);
    const bool woken = wake_.wait_for(lock, kIdle, [this] { return !queue_.empty() || stopping_; });
    if (!woken && stats_.wal_frames >= kIdleFrames) {
      lock.unlock();
      checkpoint();
      lock.lock();
    }
  }
  while (!queue_.empty() && group.size() < kGroup) {
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return true;
}

void Writer::loop() {
  std::vector<Item> group;
  while (take(group)) {
    const uint64_t before = commits();
    run_group(group);
    const bool full = std::any_of(group.begin(), group.end(), [](const Item& item) { return is_full(item.status); });
    const bool committed = commits() != before;
    if (full) note_full();
    if (committed) full_ = full;
    // Answers leave before any checkpoint: the change is safe in the WAL.
    for (Item& item : group) item.done(std::move(item.status));
    group.clear();
    if (committed && on_commit_) on_commit_();
    const int64_t frames = stats_.wal_frames;
    // A WAL that is folded in begins anew, in room that it has already.
    if (full || frames >= options_.checkpoint_limit || (frames >= options_.checkpoint_frames && is_idle()))
      checkpoint();
  }
  checkpoint();
}

bool Writer::is_idle() {
  std::lock_guard lock(mutex_);
  return queue_.empty();
}

void Writer::run_group(std::vector<Item>& group) {
  stats_.progress.fetch_add(1, std::memory_order_relaxed);
  stats_.groups.fetch_add(1, std::memory_order_relaxed);
  stats_.jobs.fetch_add(group.size(), std::memory_order_relaxed);
  if (broken_) return lose(group, broken_error());
  Status sound = stale_ ? undo() : Status();
  if (sound.ok()) sound = db_->run("BEGIN IMMEDIATE");
  bool wrote = false;
  for (size_t i = 0; sound.ok() && i < group.size(); ++i) sound = run_job(group[i], wrote);
  if (sound.ok()) sound = db_->run(wrote ? "COMMIT" : "ROLLBACK");
  if (!sound) return lose(group, sound.error());
  if (wrote) commits_.fetch_add(1, std::memory_order_release);
  for (auto& call : std::exchange(told_, {})) call();
}

// Error: the group is lost. SQLite rolled all of it back (full disk, out of memory), the file failed, or what is around
// the jobs did, and nobody knows any more what stands in the transaction.
Status Writer::run_job(Item& item, bool& wrote) {
  TILL_CHECK(db_->run("SAVEPOINT job"));
  const size_t told_before = told_.size();
  try {
    item.status = item.job(*db_);
  } catch (const std::exception& bug) {  // ours do not throw; bad_alloc and the like end as a value here
    log::error("bug", {{"where", "writer"}, {"what", bug.what()}});
    item.status = Error{.message = "Something went wrong here"};
  }
  if (db_->broken() || !db_->in_transaction()) return item.status.ok() ? broken_error() : item.status;
  if (item.status.ok()) {
    wrote = true;
    return db_->run("RELEASE job");
  }
  told_.resize(told_before);
  TILL_CHECK(db_->run("ROLLBACK TO job"));
  TILL_CHECK(db_->run("RELEASE job"));
  // Who refuses does so before counters move; what fails below him may fail after (the keeping of an answer).
  return is_refusal(item.status.error().code) ? Status() : reload();
}

// Nothing of this group is on disk: those that thought so are told, and counters are read again.
void Writer::lose(std::vector<Item>& group, const Error& why) {
  stats_.failed_commits.fetch_add(1, std::memory_order_relaxed);
  told_.clear();
  for (Item& item : group)
    if (item.status.ok()) item.status = why;
  if (db_->broken()) return note_broken();
  if (auto undone = undo(); !undone) log::error("counters", {{"error", undone.error().message}});
}

Status Writer::undo() {
  stale_ = true;
  if (db_->in_transaction()) TILL_CHECK(db_->run("ROLLBACK"));
  return reload();
}

Status Writer::reload() {
  stale_ = true;
  if (on_lost_) TILL_CHECK(on_lost_(*db_));
  stale_ = false;
  return {};
}

void Writer::checkpoint() {
  if (broken_) return;
  stats_.progress.fetch_add(1, std::memory_order_relaxed);
  int in_log = 0, folded = 0;
  const int code = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &folded);
  stats_.checkpoints.fetch_add(1, std::memory_order_relaxed);
  if (code != SQLITE_OK) {
    // A full disk or a busy file is not the end, the WAL still holds everything; a failed sync is.
    if (code != SQLITE_BUSY && is_full(db_->error(code, "checkpoint"))) note_full();
    if (db_->broken()) note_broken();
    return;
  }
  if (in_log == folded) stats_.wal_frames = 0;  // the next commit starts the WAL over
}

void Writer::note_full() {
  full_ = true;
  if (on_full_) on_full_();
}

void Writer::note_broken() {
  if (broken_.exchange(true)) return;
  log::error("the database file failed; a restart has to check it", {});
  if (on_broken_) on_broken_();
}

}  // namespace till::sqlite
