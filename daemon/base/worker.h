// The slow lane: a few threads and a bounded queue, for work that may block (password hashing, searches, imports).
// Made by the composition root; submitted to from any thread. It refuses work when its queue is full, so that a storm
// is answered "busy" at once instead of late. The only place beside the route pipeline that catches exceptions: one
// that arrives here is a bug, is logged, and does not end the thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/task.h"

namespace till {

class WorkerPool {
 public:
  /// `queue_limit` counts the tasks that wait, not those that run.
  WorkerPool(size_t threads, size_t queue_limit);
  ~WorkerPool();  // drops what waits
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False if the queue is full or the pool has stopped; the task is destroyed without having run.
  bool submit(Task<void()> task);
  [[nodiscard]] size_t waiting() const;

  enum class Stop { drain, drop };
  /// Takes no more tasks, runs or drops the waiting ones, and returns when the running ones have ended. Called once or
  /// more, never from a task.
  void stop(Stop how);

 private:
  void run();

  const size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace till
