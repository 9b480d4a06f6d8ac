// The slow lane: bounded, stopped either way, and not killed by a bug.
#include "base/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <stdexcept>

using namespace till;

namespace {

/// A task that holds its thread until it is let go.
struct Gate {
  std::promise<void> entered, opened;
  std::shared_future<void> open = opened.get_future().share();

  Task<void()> task() {
    return [this] {
      entered.set_value();
      open.wait();
    };
  }
};

}  // namespace

TEST_CASE("a full queue refuses") {
  Gate gate;
  std::atomic<int> ran = 0;
  WorkerPool pool(1, 2);
  REQUIRE(pool.submit(gate.task()));
  gate.entered.get_future().wait();
  CHECK(pool.submit([&] { ++ran; }));
  CHECK(pool.submit([&] { ++ran; }));
  CHECK_FALSE(pool.submit([&] { ++ran; }));
  CHECK(pool.waiting() == 2);
  gate.opened.set_value();
  pool.stop(WorkerPool::Stop::drain);
  CHECK(ran == 2);
  CHECK(pool.waiting() == 0);
  CHECK_FALSE(pool.submit([&] { ++ran; }));
}

TEST_CASE("stop can drop what waits; dropped tasks are destroyed, not run") {
  Gate gate;
  std::atomic<int> ran = 0;
  auto token = std::make_shared<int>(0);
  WorkerPool pool(1, 10);
  REQUIRE(pool.submit(gate.task()));
  gate.entered.get_future().wait();
  for (int i = 0; i < 5; ++i) CHECK(pool.submit([&ran, token] { ++ran; }));
  std::thread opener([&] {
    while (pool.waiting() > 0) std::this_thread::yield();
    gate.opened.set_value();
  });
  pool.stop(WorkerPool::Stop::drop);
  opener.join();
  CHECK(ran == 0);
  CHECK(token.use_count() == 1);
  pool.stop(WorkerPool::Stop::drain);
}

TEST_CASE("an exception is logged and the thread goes on") {
  std::atomic<int> ran = 0;
  WorkerPool pool(1, 10);
  CHECK(pool.submit([] { throw std::runtime_error("planted by worker_test"); }));
  CHECK(pool.submit([] { throw 7; }));
  CHECK(pool.submit([&] { ++ran; }));
  pool.stop(WorkerPool::Stop::drain);
  CHECK(ran == 1);
}

TEST_CASE("many submitters, many threads: every accepted task runs once") {
  std::atomic<int> ran = 0, accepted = 0;
  WorkerPool pool(4, 50);
  std::vector<std::thread> submitters;
  for (int t = 0; t < 4; ++t) {
    submitters.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) accepted += pool.submit([&] { ++ran; }) ? 1 : 0;
    });
  }
  for (auto& submitter : submitters) submitter.join();
  pool.stop(WorkerPool::Stop::drain);
  CHECK(ran == accepted);
}
