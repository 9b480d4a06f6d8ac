#include "crash/disk.h"

#include <algorithm>
#include <cstring>

namespace till::crash {
namespace {

std::atomic<Disk*> the_disk{nullptr};

}  // namespace

// Eight bytes a step (the multiplier is splitmix64's): images are compared by the hundred thousand.
uint64_t hash_of(ByteView bytes, uint64_t former) {
  uint64_t hash = former + bytes.size();
  for (size_t i = 0; i < bytes.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<size_t>(8, bytes.size() - i));
    hash = (hash ^ word) * 0xbf58476d1ce4e5b9;
    hash ^= hash >> 29;
  }
  return hash;
}

const Bytes* Tree::find(const std::string& name) const {
  const auto found = names.find(name);
  return found == names.end() ? nullptr : &contents.find(found->second)->second;
}

uint64_t Tree::fingerprint(const std::string& folder) const {
  uint64_t hash = 1;
  for (const auto& [name, file] : names)
    if (name.starts_with(folder)) hash = hash_of(contents.find(file)->second, hash_of(as_bytes(name), hash));
  return hash;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void apply(Tree& tree, const Op& op) {
  switch (op.kind) {
    case Op::Kind::write: {
      Bytes& content = tree.contents[op.file];
      const auto offset = static_cast<size_t>(op.offset);
      if (content.size() < offset + op.bytes.size()) content.resize(offset + op.bytes.size());
      std::copy(op.bytes.begin(), op.bytes.end(), content.begin() + op.offset);
      return;
    }
    case Op::Kind::resize:
      tree.contents[op.file].resize(static_cast<size_t>(op.offset));
      return;
    case Op::Kind::link:
      tree.names[op.name] = op.file;
      tree.contents[op.file];
      return;
    case Op::Kind::unlink:
      tree.names.erase(op.name);
      return;
    case Op::Kind::rename:
      // A rename of a name that a power cut took leaves its target alone.
      if (auto moved = tree.names.extract(op.name)) {
        tree.names.erase(op.to);
        moved.key() = op.to;
        tree.names.insert(std::move(moved));
      }
      return;
    case Op::Kind::sync:
    case Op::Kind::sync_folder:
    case Op::Kind::mark:
      return;
  }
}

Disk* Disk::current() { return the_disk; }
void Disk::use(Disk* disk) { the_disk = disk; }

void Disk::perform(Op op) {
  if (cut_) return;
  apply(tree_, op);
  log_.push_back(std::move(op));
}

std::optional<int> Disk::open(const std::string& name, bool create, bool* created) {
  const std::lock_guard lock(mutex_);
  if (const auto found = tree_.names.find(name); found != tree_.names.end()) return found->second;
  if (!create || cut_) return std::nullopt;
  if (created) *created = true;
  const int file = next_file_++;
  perform({.kind = Op::Kind::link, .file = file, .name = name});
  return file;
}

size_t Disk::read(int file, int64_t offset, uint8_t* into, size_t count) {
  const std::lock_guard lock(mutex_);
  const Bytes& content = tree_.contents[file];
  const auto at = static_cast<size_t>(offset);
  if (at >= content.size()) return 0;
  const size_t got = std::min(count, content.size() - at);
  std::memcpy(into, content.data() + at, got);
  return got;
}

void Disk::write(int file, int64_t offset, const uint8_t* bytes, size_t count) {
  const std::lock_guard lock(mutex_);
  perform({.kind = Op::Kind::write, .file = file, .offset = offset, .bytes = Bytes(bytes, bytes + count)});
}

void Disk::resize(int file, int64_t size) {
  const std::lock_guard lock(mutex_);
  perform({.kind = Op::Kind::resize, .file = file, .offset = size});
}

void Disk::sync(int file) {
  const std::lock_guard lock(mutex_);
  if (failed_sync_ && !cut_) synced_again_ = true;
  perform({.kind = Op::Kind::sync, .file = file});
}

bool Disk::unlink(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!tree_.names.contains(name)) return false;
  perform({.kind = Op::Kind::unlink, .name = name});
  return true;
}

bool Disk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (!tree_.names.contains(from)) return false;
  perform({.kind = Op::Kind::rename, .name = from, .to = to});
  return true;
}

void Disk::sync_folder(const std::string& name) {
  const std::lock_guard lock(mutex_);
  perform({.kind = Op::Kind::sync_folder, .name = name});
}

size_t Disk::mark(std::string what) {
  const std::lock_guard lock(mutex_);
  perform({.kind = Op::Kind::mark, .name = std::move(what)});
  return log_.size() - 1;
}

bool Disk::exists(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return tree_.names.contains(name);
}

int64_t Disk::size(int file) {
  const std::lock_guard lock(mutex_);
  return static_cast<int64_t>(tree_.contents[file].size());
}

void Disk::set_fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  fault_ = fault;
  counted_ = 0;
}

bool Disk::fails(Fault::Kind kind) {
  const std::lock_guard lock(mutex_);
  if (cut_) return true;
  if (kind != fault_.kind) return false;
  ++counted_;
  return fault_.lasting ? counted_ >= fault_.at : counted_ == fault_.at;
}

void Disk::note_failed_sync() {
  const std::lock_guard lock(mutex_);
  failed_sync_ = true;
}

}  // namespace till::crash
