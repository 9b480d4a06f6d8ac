#include "base/worker.h"

#include <exception>

#include "base/log.h"

namespace till {
namespace {

void run_guarded(Task<void()>& task) {
  try {
    task();
  } catch (const std::exception& bug) {
    log::error("bug: exception in a worker", {{"what", bug.what()}});
  } catch (...) {
    log::error("bug: exception in a worker", {{"what", "unknown"}});
  }
}

}  // namespace

WorkerPool::WorkerPool(size_t threads, size_t queue_limit) : queue_limit_(queue_limit) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

WorkerPool::~WorkerPool() { stop(Stop::drop); }

bool WorkerPool::submit(Task<void()> task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

size_t WorkerPool::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void WorkerPool::stop(Stop how) {
  std::deque<Task<void()>> dropped;  // destroyed after the lock: a task's destructor may answer a request
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    if (how == Stop::drop) dropped.swap(queue_);
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    {
      Task<void()> task = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      run_guarded(task);
    }
    lock.lock();
  }
}

}  // namespace till
