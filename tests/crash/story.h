// One run that is to be cut: what it did to the disk, what it answered and when, and what the database held after each
// of its commits. An image of it (images.h) is right if the program starts from it, keeps every promise made before the
// cut, and holds exactly what it held after the last answered commit or after the one that was under way.
#pragma once

#include <functional>

#include "crash/disk.h"
#include "sqlite/connection.h"

namespace till::crash {

/// Where backups are made.
inline constexpr const char* kBackups = "/crash/backups/";

/// Something that an answer said: from then on the database holds it, in this version or a later one.
struct Promise {
  std::string what;
  int64_t version = 1;
  size_t at = 0;  // place in the log
};

/// What a start from an image found.
struct Found {
  std::map<std::string, int64_t> holds{};  // what can be promised, and its version
  std::vector<std::string> faults{};       // what must not be
  uint64_t rows = 0;                       // of all tables
};

class Story {
 public:
  explicit Story(const Tree& before) : start(before), disk(before) {}

  /// An answer leaves now.
  void promise(const std::string& what, int64_t version) {
    promises_.push_back({what, version, disk.mark("answered: " + what)});
  }
  /// What the database holds from the commit on that was just answered.
  void state(uint64_t rows) { states_.emplace_back(rows, disk.mark("committed")); }
  /// … before anything of this story happened.
  void first_state(uint64_t rows) { states_.insert(states_.begin(), {rows, 0}); }

  [[nodiscard]] const std::vector<Promise>& promises() const { return promises_; }
  [[nodiscard]] size_t states() const { return states_.size(); }
  /// The first promise that is not kept by what was found; null: all are.
  [[nodiscard]] const Promise* first_broken(const Found& found) const;
  /// The newest state that was answered before this place in the log.
  [[nodiscard]] size_t state_at(size_t place) const;
  /// The first of these states whose rows these are; nullopt: none.
  [[nodiscard]] std::optional<size_t> find_state(uint64_t rows, size_t first, size_t last) const;

  const Tree start;
  Disk disk;

 private:
  std::vector<Promise> promises_;
  std::vector<std::pair<uint64_t, size_t>> states_;
};

/// A program of ours on the disk of the process: as much of it as there is between its start and its database.
class System {
 public:
  virtual ~System() = default;
  /// What a start of the program does. Error: it refuses.
  virtual Status start() = 0;
  [[nodiscard]] virtual sqlite::Connection& db() = 0;
  /// Looks at everything.
  virtual void look(Found& found) = 0;
  /// Works on, as on any other day. Error: it cannot, or not as it should.
  virtual Status work_on() = 0;
};

struct Scenario {
  std::string name;
  std::function<Tree()> prepare;                  // what is on the disk before; not cut
  std::function<void(Story&)> play;               // what is cut
  std::function<std::unique_ptr<System>()> make;  // the program that is started from images
};

/// All of them, by name.
std::vector<Scenario> shop_scenarios();
std::vector<Scenario> file_scenarios();
std::vector<Scenario> sync_scenarios();

/// Hash of all rows of all tables.
uint64_t rows_of(sqlite::Connection& db);
/// … of the database in this file, as another process would see it.
uint64_t rows_of(const std::string& path);
/// Hash of the pages, as the connection sees them; cheaper, and equal pages have equal rows.
uint64_t pages_of(sqlite::Connection& db);
/// What SQLite says about the file; empty: all is well.
std::string integrity_of(sqlite::Connection& db);

/// Throws what failed: the story itself, before anything was cut.
void must(const Status& status, const std::string& what);
template <class T>
T must(Result<T> result, const std::string& what) {
  must(result.ok() ? Status{} : Status(result.error()), what);
  return std::move(*result);
}

}  // namespace till::crash
