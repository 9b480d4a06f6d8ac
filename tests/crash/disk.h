// A disk of memory that keeps a log of everything done to it, for tests that cut the power. The SQLite VFS (vfs.h) and
// the wrapped system calls (system_calls.cpp) write to the disk of the process; images.h makes of its log what a power
// cut at any place may have left. Any thread; one disk at a time is the process's.
//
// Names and contents are apart, as in a file system: a file's content lasts once the file is synced, its name once the
// folder is. A write lasts byte for byte and damages no byte beside it (SQLITE_IOCAP_POWERSAFE_OVERWRITE: what SQLite
// assumes of its unix VFS, too).
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace till::crash {

/// For comparing, not for keeping.
uint64_t hash_of(ByteView bytes, uint64_t former = 1);

/// What stands on a disk: contents by number, and the names that lead to them.
struct Tree {
  std::map<int, Bytes> contents{};
  std::map<std::string, int> names{};

  [[nodiscard]] const Bytes* find(const std::string& name) const;
  /// Of names and contents; of those in one folder only, if one is given.
  [[nodiscard]] uint64_t fingerprint(const std::string& folder = "") const;
};

struct Op {
  enum class Kind : uint8_t {
    write,        // `bytes` at `offset` of `file`
    resize,       // `file` to `offset` bytes
    sync,         // of `file`
    link,         // `name` leads to the new `file`
    unlink,       // `name`
    rename,       // `name` to `to`
    sync_folder,  // `name`
    mark,         // nothing: `name` says what happened here
  };
  Kind kind = Kind::mark;
  int file = 0;
  int64_t offset = 0;
  Bytes bytes{};
  std::string name{}, to{};

  [[nodiscard]] bool is_of_names() const { return kind == Kind::link || kind == Kind::unlink || kind == Kind::rename; }
};

/// Does to the tree what the process wanted done.
void apply(Tree& tree, const Op& op);

/// The folder of a path, without a slash at its end.
std::string folder_of(const std::string& path);

/// What is to fail: the n-th of its kind, and with `lasting` all after it.
struct Fault {
  enum class Kind : uint8_t { none, full, write, sync };
  Kind kind = Kind::none;
  int64_t at = 0;  // from 1
  bool lasting = false;
};

class Disk {
 public:
  explicit Disk(Tree tree = {}) : tree_(std::move(tree)) {
    if (!tree_.contents.empty()) next_file_ = tree_.contents.rbegin()->first + 1;
  }

  /// The one that this process works on, until it is given another. Null: none.
  static Disk* current();
  static void use(Disk* disk);

  // ---- what is done to it
  /// Number of the file; nullopt: there is none, and none was to be made.
  std::optional<int> open(const std::string& name, bool create, bool* created = nullptr);
  /// Bytes read; the rest of `into` is untouched.
  size_t read(int file, int64_t offset, uint8_t* into, size_t count);
  void write(int file, int64_t offset, const uint8_t* bytes, size_t count);
  void resize(int file, int64_t size);
  void sync(int file);
  bool unlink(const std::string& name);
  bool rename(const std::string& from, const std::string& to);
  void sync_folder(const std::string& name);
  /// Its place in the log.
  size_t mark(std::string what);
  [[nodiscard]] bool exists(const std::string& name);
  [[nodiscard]] int64_t size(int file);

  // ---- what goes wrong
  void set_fault(Fault fault);
  /// True if this operation is to fail. Counts those of its kind.
  bool fails(Fault::Kind kind);
  /// How many of the fault's kind were asked for since set_fault().
  [[nodiscard]] int64_t counted() const { return counted_; }
  /// A sync of a file failed; from then on nothing may be synced by the same process (50-faults).
  void note_failed_sync();
  [[nodiscard]] bool synced_again() const { return synced_again_; }
  /// The power is gone: whatever the process still does reaches nothing.
  void cut() { cut_ = true; }
  [[nodiscard]] bool is_cut() const { return cut_; }

  // ---- looking; only while nobody works on it
  [[nodiscard]] const std::vector<Op>& log() const { return log_; }
  [[nodiscard]] const Tree& tree() const { return tree_; }

 private:
  void perform(Op op);

  std::mutex mutex_;
  Tree tree_;
  std::vector<Op> log_;
  int next_file_ = 1;
  Fault fault_;
  int64_t counted_ = 0;
  bool failed_sync_ = false, synced_again_ = false;
  std::atomic<bool> cut_{false};
};

}  // namespace till::crash
