// Read-only connections, one per reading thread, with a snapshot held from request to request: opening a read
// transaction costs more than a point read. A held snapshot ends as soon as the writer has committed (read your own
// writes) and when the thread goes idle (it would keep the WAL from starting over).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "sqlite/writer.h"

namespace till::sqlite {

class Reader {
 public:
  Reader(std::unique_ptr<Connection> connection, const Writer& writer) : db_(std::move(connection)), writer_(writer) {}

  /// The connection, inside a snapshot that holds every commit made so far.
  Result<Connection*> fresh();
  /// Ends the snapshot; the next fresh() takes a new one.
  void release();
  [[nodiscard]] bool holds_snapshot() const { return open_; }
  [[nodiscard]] bool healthy() const { return !db_->broken(); }

 private:
  std::unique_ptr<Connection> db_;
  const Writer& writer_;
  bool open_ = false;
  uint64_t commits_ = 0;
};

/// The readers of all threads of one database; each thread gets its own on first use.
class Readers {
 public:
  Readers(std::string path, const Writer& writer, int cache_kib)
      : path_(std::move(path)), writer_(writer), cache_kib_(cache_kib) {}

  /// This thread's reader.
  Result<Reader*> mine();
  /// This thread's connection with a fresh snapshot: what a read needs.
  Result<Connection*> fresh();
  /// Ends this thread's snapshot if it holds one.
  void release();
  /// False once a reader met a page that is not what was written: the process must stop, a restart examines the file.
  bool healthy();

 private:
  const std::string path_;
  const Writer& writer_;
  const int cache_kib_;
  std::mutex mutex_;
  std::unordered_map<std::thread::id, std::unique_ptr<Reader>> readers_;
};

}  // namespace till::sqlite
