#include "crash/vfs.h"

#include <sqlite3.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "base/result.h"
#include "crash/disk.h"

namespace till::crash {
namespace {

constexpr int kSectorSize = 4096;  // what SQLite's unix VFS says

/// What the open handles of one file share: its locks and the WAL's index.
struct Shared {
  int readers = 0;                  // with SQLITE_LOCK_SHARED or more
  const void* reserved = nullptr;   // who has SQLITE_LOCK_RESERVED or more
  const void* exclusive = nullptr;  // who keeps readers out
  std::vector<std::unique_ptr<uint8_t[]>> regions{};
  int shm_users = 0;
  std::array<int, SQLITE_SHM_NLOCK> shm_readers{};
  std::array<const void*, SQLITE_SHM_NLOCK> shm_writer{};
};

std::mutex shared_mutex;  // guards all of these
std::map<std::pair<const Disk*, int>, std::weak_ptr<Shared>> shared_files;

std::shared_ptr<Shared> shared_of(const Disk* disk, int file) {
  const std::lock_guard lock(shared_mutex);
  std::erase_if(shared_files, [](const auto& entry) { return entry.second.expired(); });
  auto& known = shared_files[{disk, file}];
  auto shared = known.lock();
  if (!shared) known = shared = std::make_shared<Shared>();
  return shared;
}

struct Handle : sqlite3_file {
  Disk* disk = nullptr;
  int file = 0;
  std::string name{};
  bool read_only = false;
  bool sync_folder = false;  // with the next sync: the file is new, and its kind wants it
  bool remove = false;       // when it is closed
  int lock = SQLITE_LOCK_NONE;
  std::shared_ptr<Shared> shared{};
  bool maps = false;
  unsigned shm_shared = 0, shm_exclusive = 0;  // bit per lock
};

Handle& of(sqlite3_file* file) { return *static_cast<Handle*>(file); }

int unmap(sqlite3_file* file, int remove);
int unlock(sqlite3_file* file, int level);

int close(sqlite3_file* file) {
  Handle& h = of(file);
  unlock(file, SQLITE_LOCK_NONE);
  if (h.maps) unmap(file, 0);
  if (h.remove) h.disk->unlink(h.name);
  h.~Handle();
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  const auto want = static_cast<size_t>(count);
  const size_t got = of(file).disk->read(of(file).file, offset, static_cast<uint8_t*>(into), want);
  if (got == want) return SQLITE_OK;
  std::memset(static_cast<uint8_t*>(into) + got, 0, want - got);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Handle& h = of(file);
  if (h.disk->fails(Fault::Kind::full)) return SQLITE_FULL;
  if (h.disk->fails(Fault::Kind::write)) return SQLITE_IOERR_WRITE;
  h.disk->write(h.file, offset, static_cast<const uint8_t*>(bytes), static_cast<size_t>(count));
  return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (of(file).disk->fails(Fault::Kind::write)) return SQLITE_IOERR_TRUNCATE;
  of(file).disk->resize(of(file).file, size);
  return SQLITE_OK;
}

int sync(sqlite3_file* file, int /*flags*/) {
  Handle& h = of(file);
  if (h.disk->fails(Fault::Kind::sync)) {
    h.disk->note_failed_sync();
    return SQLITE_IOERR_FSYNC;
  }
  h.disk->sync(h.file);
  if (h.sync_folder) h.disk->sync_folder(folder_of(h.name));
  h.sync_folder = false;
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = of(file).disk->size(of(file).file);
  return SQLITE_OK;
}

int lock(sqlite3_file* file, int level) {
  Handle& h = of(file);
  if (h.lock >= level) return SQLITE_OK;
  const std::lock_guard guard(shared_mutex);
  Shared& s = *h.shared;
  const auto is_others = [&h](const void* owner) { return owner && owner != &h; };
  if (level == SQLITE_LOCK_SHARED) {
    if (is_others(s.exclusive)) return SQLITE_BUSY;
    ++s.readers;
  } else if (h.read_only) {
    return SQLITE_IOERR_LOCK;  // what fcntl() says to a lock for writing on a file that was opened for reading
  } else {
    if (is_others(s.reserved)) return SQLITE_BUSY;
    s.reserved = &h;
    if (level == SQLITE_LOCK_EXCLUSIVE) {
      s.exclusive = &h;
      h.lock = SQLITE_LOCK_PENDING;
      if (s.readers > 1) return SQLITE_BUSY;
    }
  }
  h.lock = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
  Handle& h = of(file);
  if (h.lock <= level) return SQLITE_OK;
  const std::lock_guard guard(shared_mutex);
  Shared& s = *h.shared;
  if (s.exclusive == &h) s.exclusive = nullptr;
  if (s.reserved == &h) s.reserved = nullptr;
  if (level == SQLITE_LOCK_NONE) --s.readers;
  h.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* is_reserved) {
  const std::lock_guard guard(shared_mutex);
  *is_reserved = of(file).shared->reserved != nullptr;
  return SQLITE_OK;
}

int control(sqlite3_file* /*file*/, int /*what*/, void* /*argument*/) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file* /*file*/) { return kSectorSize; }
int characteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  Handle& h = of(file);
  const std::lock_guard guard(shared_mutex);
  Shared& s = *h.shared;
  if (!h.maps) ++s.shm_users;
  h.maps = true;
  const auto wanted = static_cast<size_t>(region) + 1;
  while (extend && s.regions.size() < wanted)
    s.regions.push_back(std::make_unique<uint8_t[]>(static_cast<size_t>(size)));
  *at = s.regions.size() < wanted ? nullptr : s.regions[wanted - 1].get();
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  Handle& h = of(file);
  const std::lock_guard guard(shared_mutex);
  Shared& s = *h.shared;
  for (const bool look : {true, false}) {
    for (int i = offset; i < offset + count; ++i) {
      const auto n = static_cast<size_t>(i);
      const unsigned bit = 1U << n;
      if (flags & SQLITE_SHM_UNLOCK) {
        if (look) continue;
        if (h.shm_shared & bit) --s.shm_readers[n];
        if (h.shm_exclusive & bit) s.shm_writer[n] = nullptr;
        h.shm_shared &= ~bit;
        h.shm_exclusive &= ~bit;
      } else if (flags & SQLITE_SHM_SHARED) {
        if (h.shm_shared & bit) continue;
        if (s.shm_writer[n]) return SQLITE_BUSY;
        if (look) continue;
        ++s.shm_readers[n];
        h.shm_shared |= bit;
      } else {
        if (s.shm_writer[n] || s.shm_readers[n] > 0) return SQLITE_BUSY;
        if (look) continue;
        s.shm_writer[n] = &h;
        h.shm_exclusive |= bit;
      }
    }
  }
  return SQLITE_OK;
}

void barrier(sqlite3_file* /*file*/) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int unmap(sqlite3_file* file, int /*remove*/) {
  Handle& h = of(file);
  if (!h.maps) return SQLITE_OK;
  shm_lock(file, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
  const std::lock_guard guard(shared_mutex);
  h.maps = false;
  if (--h.shared->shm_users == 0) h.shared->regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods{.iVersion = 2,
                                      .xClose = close,
                                      .xRead = read,
                                      .xWrite = write,
                                      .xTruncate = truncate,
                                      .xSync = sync,
                                      .xFileSize = file_size,
                                      .xLock = lock,
                                      .xUnlock = unlock,
                                      .xCheckReservedLock = check_reserved,
                                      .xFileControl = control,
                                      .xSectorSize = sector_size,
                                      .xDeviceCharacteristics = characteristics,
                                      .xShmMap = map,
                                      .xShmLock = shm_lock,
                                      .xShmBarrier = barrier,
                                      .xShmUnmap = unmap,
                                      .xFetch = nullptr,
                                      .xUnfetch = nullptr};

int open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  static std::atomic<int> unnamed{0};
  Disk* disk = Disk::current();
  TILL_ASSERT(disk);
  const std::string path = name ? name : "/unnamed-" + std::to_string(++unnamed);
  bool created = false;
  const auto found = disk->open(path, (flags & SQLITE_OPEN_CREATE) != 0, &created);
  file->pMethods = nullptr;
  if (!found) return SQLITE_CANTOPEN;
  auto* h = new (file) Handle();
  h->pMethods = &kMethods;
  h->disk = disk;
  h->file = *found;
  h->name = path;
  h->read_only = (flags & SQLITE_OPEN_READONLY) != 0;
  constexpr int kSyncsFolder = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  h->sync_folder = created && (flags & kSyncsFolder) != 0;
  h->remove = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  h->shared = shared_of(disk, *found);
  if (flags_out) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* /*vfs*/, const char* name, int sync_folder) {
  Disk* disk = Disk::current();
  if (disk->fails(Fault::Kind::write)) return SQLITE_IOERR_DELETE;
  if (!disk->unlink(name)) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_folder) disk->sync_folder(folder_of(name));
  return SQLITE_OK;
}

int access(sqlite3_vfs* /*vfs*/, const char* name, int /*flags*/, int* found) {
  *found = Disk::current()->exists(name);
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*vfs*/, const char* name, int room, char* out) {
  sqlite3_snprintf(room, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* /*vfs*/, int count, char* out) {
  std::memset(out, 7, static_cast<size_t>(count));  // the same in every run: salts of WALs come from here
  return count;
}

int sleep(sqlite3_vfs* /*vfs*/, int us) {
  std::this_thread::sleep_for(std::chrono::microseconds(us));
  return us;
}

int time_ms(sqlite3_vfs* /*vfs*/, sqlite3_int64* now) {
  *now = 0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs* /*vfs*/, int /*room*/, char* /*out*/) { return 0; }

}  // namespace

void install_vfs() {
  static sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = 512;
  vfs.zName = "crash";
  vfs.xOpen = open;
  vfs.xDelete = remove;
  vfs.xAccess = access;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = sleep;
  vfs.xGetLastError = last_error;
  vfs.xCurrentTimeInt64 = time_ms;
  TILL_ASSERT(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

}  // namespace till::crash
