#include "sqlite/reader.h"

#include <algorithm>

namespace till::sqlite {

Result<Connection*> Reader::fresh() {
  const uint64_t commits = writer_.commits();
  if (open_ && commits == commits_) return db_.get();
  release();
  TILL_CHECK(db_->run("BEGIN"));
  open_ = true;
  commits_ = commits;  // read before BEGIN: a commit in between only makes the snapshot newer than it claims
  return db_.get();
}

void Reader::release() {
  if (!open_) return;
  open_ = false;
  static_cast<void>(db_->run("COMMIT"));  // nothing was written: it cannot lose anything
}

Result<Reader*> Readers::mine() {
  std::lock_guard lock(mutex_);
  auto& reader = readers_[std::this_thread::get_id()];
  if (!reader) {
    TILL_TRY(auto connection, Connection::open(path_, Mode::read_only, cache_kib_));
    reader = std::make_unique<Reader>(std::move(connection), writer_);
  }
  return reader.get();
}

Result<Connection*> Readers::fresh() {
  TILL_TRY(Reader * reader, mine());
  return reader->fresh();
}

bool Readers::healthy() {
  std::lock_guard lock(mutex_);
  return std::all_of(readers_.begin(), readers_.end(), [](const auto& reader) { return reader.second->healthy(); });
}

void Readers::release() {
  std::lock_guard lock(mutex_);
  if (auto found = readers_.find(std::this_thread::get_id()); found != readers_.end()) found->second->release();
}

}  // namespace till::sqlite
