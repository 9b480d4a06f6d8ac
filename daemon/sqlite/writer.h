// The one writer (D3, D4). Jobs run one after the other on its thread, each in a savepoint, as many as are waiting (at
// most kGroup) in one transaction; nobody is answered before the commit that holds his change is on disk.
//
// Argument: fdatasync costs a hundred times a sale's statements, so the sync is what has to be shared. Whatever queues
// up during one commit is the next group: no timer, no added delay at low load, full sharing at high load. The
// alternative, a lock per request around its own transaction, pays one sync each.
//
// Callers: any thread submits. Jobs, after-commit calls, on_commit and on_lost run on the writer's thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/task.h"
#include "sqlite/connection.h"

namespace till::sqlite {

/// Runs inside a savepoint. An Error rolls back what this job wrote, and only that.
using Job = Task<Status(Connection&)>;
/// Told once: success after the commit, or why the job's change is not there.
using Done = Task<void(Status)>;

struct WriterOptions {
  size_t queue = 4096;               // jobs waiting; beyond that submit() refuses
  int64_t checkpoint_frames = 4096;  // WAL frames (1 KiB) after which an idle moment is used to checkpoint
  int64_t checkpoint_limit = 16384;  // WAL frames at which the next group waits for a checkpoint
};

struct WriterStats {
  std::atomic<uint64_t> jobs{0}, refused{0}, groups{0}, failed_commits{0}, checkpoints{0};
  std::atomic<int64_t> wal_frames{0};
  std::atomic<uint64_t> progress{0};  // moves whenever the writer does something: the watchdog looks at it
};

class Writer {
 public:
  static constexpr size_t kGroup = 256;

  Writer(std::unique_ptr<Connection> connection, WriterOptions options);
  ~Writer();  // stop()

  void start();
  /// Finishes what is queued, checkpoints, ends the thread. Later submits are refused.
  void stop();

  /// False if the queue is full or the writer has stopped; nothing was queued then and `done` is not called.
  bool submit(Job job, Done done);

  /// Runs a job and waits for its commit. For start-up, the worker lane and tests, never for the door's thread.
  Status run(Job job);

  /// The connection that writes. Only inside a job, that is on the writer's thread (or before start()).
  [[nodiscard]] Connection& connection() { return *db_; }

  /// From inside a job: called on the writer's thread once what the job wrote is on disk, before its answer leaves; let
  /// go if it never is. For what others hear of a change (events). Must be quick.
  void after_commit(Task<void()> call) { told_.push_back(std::move(call)); }

  /// Called on the writer's thread when changes that jobs had made are gone after all (failed commit): in-memory
  /// counters have to be read again from the database. While that fails no job runs; it is tried before each group.
  void on_lost(std::function<Status(Connection&)> reload) { on_lost_ = std::move(reload); }
  /// A doorbell for whoever carries changes on: rung after each group that committed something, when its answers have
  /// left. Must be quick; set before start().
  void on_commit(std::function<void()> ring) { on_commit_ = std::move(ring); }
  /// Called once when the file or the disk under it failed: the process must stop and be started anew, because a
  /// failed sync may have dropped pages that a second sync would call safe (50-faults).
  void on_broken(std::function<void()> stop_process) { on_broken_ = std::move(stop_process); }
  /// Called each time the disk was found full: whoever keeps room back gives it up. Set before start().
  void on_full(std::function<void()> make_room) { on_full_ = std::move(make_room); }

  /// Number of commits so far: a reader's snapshot is old once this has moved.
  [[nodiscard]] uint64_t commits() const { return commits_.load(std::memory_order_acquire); }
  [[nodiscard]] const WriterStats& stats() const { return stats_; }
  [[nodiscard]] bool healthy() const { return !broken_.load(std::memory_order_relaxed); }
  /// True from a change that found the disk full until one finds room.
  [[nodiscard]] bool full() const { return full_.load(std::memory_order_relaxed); }

 private:
  struct Item {
    Job job;
    Done done;
    Status status;
  };

  void loop();
  bool take(std::vector<Item>& group);
  bool is_idle();
  void run_group(std::vector<Item>& group);
  Status run_job(Item& item, bool& wrote);
  void lose(std::vector<Item>& group, const Error& why);
  Status undo();
  Status reload();
  void checkpoint();
  void note_broken();
  void note_full();

  std::unique_ptr<Connection> db_;
  const WriterOptions options_;
  std::function<Status(Connection&)> on_lost_;
  std::function<void()> on_broken_;
  std::function<void()> on_full_;
  std::function<void()> on_commit_;
  std::vector<Task<void()>> told_;  // after this group's commit
  bool stale_ = false;              // memory is ahead of the database: it could not be read again yet

  std::mutex mutex_;  // guards queue_ and stopping_
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::thread thread_;

  std::atomic<uint64_t> commits_{0};
  std::atomic<bool> broken_{false};
  std::atomic<bool> full_{false};
  WriterStats stats_;
};

}  // namespace till::sqlite
