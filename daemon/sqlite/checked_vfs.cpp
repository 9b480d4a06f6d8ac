#include "sqlite/checked_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>
#include <utility>

#include "base/log.h"
#include "sqlite/seal.h"

namespace till::sqlite {
namespace {

constexpr const char* kName = "till";

/// What SQLite calls a file of ours: behind it the real one.
struct CheckedFile : sqlite3_file {
  sqlite3_file* real;
  struct State* state;
};

struct State {
  std::unique_ptr<uint8_t[]> memory{};  // of the real file
  std::string name{};
  PageLayout layout{};
  std::optional<Seal> seal{};      // of a database that may be written
  State* database = nullptr;       // a WAL's
  std::vector<int64_t> early{};    // where pages were written before the first, which tells the layout
  bool in_checkpoint = false;      // of a database
  SealContent::Log folding{};      // what that checkpoint, or the last, read of the log
  std::vector<uint8_t> scratch{};  // a page, or a frame of the WAL and the sum before it
};

CheckedFile& ours(sqlite3_file* file) { return *static_cast<CheckedFile*>(file); }
State& state_of(sqlite3_file* file) { return *ours(file).state; }

int refuse(const State& state, int64_t place, const char* what) {
  log::error("damaged", {{"file", state.name}, {"what", what}, {"number", place}});
  return SQLITE_IOERR_DATA;
}

// --- pages

int read_database(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
  sqlite3_file* real = ours(file).real;
  const int code = real->pMethods->xRead(real, into, bytes, offset);
  const State& state = state_of(file);
  if (code != SQLITE_OK || !state.layout.is_page(bytes, offset)) return code;
  const ConstPage page(static_cast<const uint8_t*>(into), static_cast<size_t>(bytes));
  const uint32_t number = state.layout.number_at(offset);
  if (kept_sum(page) == page_sum(number, page) || is_hole(page)) return SQLITE_OK;
  return refuse(state, number, "page");
}

// What a large transaction wrote of a new file before its first page told how pages look.
int sum_early_pages(sqlite3_file* file) {
  sqlite3_file* real = ours(file).real;
  State& state = state_of(file);
  const auto size = static_cast<int>(state.layout.page_size);
  state.scratch.resize(state.layout.page_size);
  for (const int64_t offset : std::exchange(state.early, {})) {
    if (!state.layout.is_page(size, offset)) continue;
    if (const int code = real->pMethods->xRead(real, state.scratch.data(), size, offset)) return code;
    keep_sum(state.scratch, page_sum(state.layout.number_at(offset), state.scratch));
    if (const int code = real->pMethods->xWrite(real, state.scratch.data(), size, offset)) return code;
  }
  return SQLITE_OK;
}

int write_database(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  sqlite3_file* real = ours(file).real;
  State& state = state_of(file);
  const auto* begin = static_cast<const uint8_t*>(from);
  if (offset == 0 && static_cast<size_t>(bytes) >= kHeaderBytes) {
    state.layout = PageLayout::of({begin, kHeaderBytes});
    if (const int code = sum_early_pages(file); code != SQLITE_OK) return code;
  }
  if (!state.layout.is_page(bytes, offset)) {
    if (state.layout.page_size == 0) state.early.push_back(offset);
    return real->pMethods->xWrite(real, from, bytes, offset);
  }
  const uint32_t number = state.layout.number_at(offset);
  state.scratch.assign(begin, begin + bytes);
  const uint32_t sum = page_sum(number, state.scratch);
  keep_sum(state.scratch, sum);
  const int code = real->pMethods->xWrite(real, state.scratch.data(), bytes, offset);
  if (code == SQLITE_OK && state.layout.has_wal) state.seal->note(number, sum);
  return code;
}

int sync_database(sqlite3_file* file, int flags) {
  sqlite3_file* real = ours(file).real;
  State& state = state_of(file);
  if (const int code = real->pMethods->xSync(real, flags); code != SQLITE_OK || !state.layout.has_sums) return code;
  if (!state.layout.has_wal) return state.seal->remove();
  return state.seal->has_news() ? state.seal->fold(state.layout.page_size, state.folding) : SQLITE_OK;
}

int truncate_database(sqlite3_file* file, sqlite3_int64 size) {
  sqlite3_file* real = ours(file).real;
  State& state = state_of(file);
  sqlite3_int64 before = 0;
  if (const int code = real->pMethods->xFileSize(real, &before); code != SQLITE_OK) return code;
  const int code = real->pMethods->xTruncate(real, size);
  if (code == SQLITE_OK && size == 0) {  // rolled back to before it was made
    state.layout = {};
    return state.seal->remove();
  }
  const PageLayout& layout = state.layout;
  for (int64_t at = size; code == SQLITE_OK && layout.has_sums && layout.has_wal && at < before; at += layout.page_size)
    state.seal->note(layout.number_at(at), kHole);
  return code;
}

int control_database(sqlite3_file* file, int what, void* argument) {
  State& state = state_of(file);
  if (what == SQLITE_FCNTL_CKPT_START) state.folding = {};
  if (what == SQLITE_FCNTL_CKPT_START || what == SQLITE_FCNTL_CKPT_DONE)
    state.in_checkpoint = what == SQLITE_FCNTL_CKPT_START;
  sqlite3_file* real = ours(file).real;
  return real->pMethods->xFileControl(real, what, argument);
}

// --- the WAL

// A frame's sum carries on the one before it. Only what a checkpoint reads is asked: the frames of a transaction that
// is still open may have to be written over, and their sums are set right at its end.
int read_wal(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset) {
  sqlite3_file* real = ours(file).real;
  const int code = real->pMethods->xRead(real, into, bytes, offset);
  State& state = state_of(file);
  const uint32_t page_size = state.database ? state.database->layout.page_size : 0;
  if (code != SQLITE_OK || !state.database || !state.database->in_checkpoint || page_size == 0 ||
      static_cast<uint32_t>(bytes) != page_size)
    return code;
  const int64_t frame = kWalFrameBytes + page_size;
  const int64_t n = (offset - kWalHeaderBytes) / frame;  // from 0
  if (kWalHeaderBytes + n * frame + kWalFrameBytes != offset) return code;
  uint8_t head[kWalFrameBytes], former[8];
  const int64_t former_at = n == 0 ? 24 : offset - frame - kWalFrameBytes + 16;
  if (const int failed = real->pMethods->xRead(real, head, sizeof head, offset - kWalFrameBytes)) return failed;
  if (const int failed = real->pMethods->xRead(real, former, sizeof former, former_at)) return failed;
  if (!frame_follows(former, head, {static_cast<const uint8_t*>(into), page_size}))
    return refuse(state, n + 1, "frame");
  SealContent::Log& folding = state.database->folding;
  std::memcpy(folding.salt.data(), head + 8, folding.salt.size());
  folding.folded = std::max(folding.folded, static_cast<uint32_t>(n + 1));
  return SQLITE_OK;
}

int write_wal(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  State& state = state_of(file);
  if (offset == 0 && bytes == kWalHeaderBytes && state.database && state.database->layout.has_sums) {
    WalSalt salt;
    std::memcpy(salt.data(), static_cast<const uint8_t*>(from) + 16, salt.size());
    const int code = state.database->seal->begin(state.database->layout.page_size, salt);
    if (code != SQLITE_OK) return code;
  }
  sqlite3_file* real = ours(file).real;
  return real->pMethods->xWrite(real, from, bytes, offset);
}

// --- what is only passed on

template <auto Method, class... Args>
int pass(sqlite3_file* file, Args... args) {
  sqlite3_file* real = ours(file).real;
  return (real->pMethods->*Method)(real, args...);
}

/// Databases that may be written, by name: with its last connection the log goes, and the seal has to know.
class Open {
 public:
  static void add(State& state) {
    std::lock_guard lock(mutex());
    all()[state.name] = &state;
  }
  static void remove(State& state) {
    std::lock_guard lock(mutex());
    const auto found = all().find(state.name);
    if (found != all().end() && found->second == &state) all().erase(found);
  }
  static State* find(const std::string& name) {
    std::lock_guard lock(mutex());
    const auto found = all().find(name);
    return found == all().end() ? nullptr : found->second;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex mutex;
    return mutex;
  }
  static std::map<std::string, State*>& all() {
    static std::map<std::string, State*> all;
    return all;
  }
};

int close(sqlite3_file* file) {
  State* state = ours(file).state;
  Open::remove(*state);
  sqlite3_file* real = ours(file).real;
  const int code = real->pMethods->xClose(real);
  delete state;
  return code;
}

void barrier(sqlite3_file* file) {
  sqlite3_file* real = ours(file).real;
  real->pMethods->xShmBarrier(real);
}

// Version 2: shared memory for the WAL's index, no mapping of pages, for those would come by without a look.
constexpr sqlite3_io_methods kPassed = {2,
                                        close,
                                        pass<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
                                        pass<&sqlite3_io_methods::xWrite, const void*, int, sqlite3_int64>,
                                        pass<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
                                        pass<&sqlite3_io_methods::xSync, int>,
                                        pass<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
                                        pass<&sqlite3_io_methods::xLock, int>,
                                        pass<&sqlite3_io_methods::xUnlock, int>,
                                        pass<&sqlite3_io_methods::xCheckReservedLock, int*>,
                                        pass<&sqlite3_io_methods::xFileControl, int, void*>,
                                        pass<&sqlite3_io_methods::xSectorSize>,
                                        pass<&sqlite3_io_methods::xDeviceCharacteristics>,
                                        pass<&sqlite3_io_methods::xShmMap, int, int, int, void volatile**>,
                                        pass<&sqlite3_io_methods::xShmLock, int, int, int>,
                                        barrier,
                                        pass<&sqlite3_io_methods::xShmUnmap, int>,
                                        nullptr,
                                        nullptr};

constexpr sqlite3_io_methods methods_of_database() {
  sqlite3_io_methods methods = kPassed;
  methods.xRead = read_database;
  methods.xWrite = write_database;
  methods.xTruncate = truncate_database;
  methods.xSync = sync_database;
  methods.xFileControl = control_database;
  return methods;
}
constexpr sqlite3_io_methods methods_of_wal() {
  sqlite3_io_methods methods = kPassed;
  methods.xRead = read_wal;
  methods.xWrite = write_wal;
  return methods;
}
constexpr sqlite3_io_methods kDatabase = methods_of_database();
constexpr sqlite3_io_methods kWal = methods_of_wal();

// --- opening

void begin_database(CheckedFile& file, const char* name, int flags) {
  State& state = *file.state;
  uint8_t header[kHeaderBytes];
  sqlite3_int64 size = 0;
  file.real->pMethods->xFileSize(file.real, &size);
  if (size >= static_cast<sqlite3_int64>(sizeof header) &&
      file.real->pMethods->xRead(file.real, header, sizeof header, 0) == SQLITE_OK)
    state.layout = PageLayout::of(header);
  state.seal.emplace(name, file.real);
  if ((flags & SQLITE_OPEN_READWRITE) != 0) Open::add(state);
  // One of a file that is gone, or of this one before it left WAL mode, would say what is not so.
  const bool is_stale = size == 0 || (state.layout.page_size != 0 && !state.layout.has_wal);
  if (is_stale && (flags & SQLITE_OPEN_READWRITE) != 0) static_cast<void>(state.seal->remove());
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* opened, int flags, int* out_flags) {
  sqlite3_vfs* vfs = real_vfs();
  CheckedFile& file = ours(opened);
  file.pMethods = nullptr;
  file.state = new (std::nothrow) State;
  if (!file.state) return SQLITE_NOMEM;
  file.state->memory.reset(new (std::nothrow) uint8_t[static_cast<size_t>(vfs->szOsFile)]());
  file.real = reinterpret_cast<sqlite3_file*>(file.state->memory.get());
  const int code = file.real ? vfs->xOpen(vfs, name, file.real, flags, out_flags) : SQLITE_NOMEM;
  if (code != SQLITE_OK) {
    if (file.real && file.real->pMethods) file.real->pMethods->xClose(file.real);
    delete file.state;
    return code;
  }
  if (name) file.state->name = name;
  file.pMethods = &kPassed;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    begin_database(file, name, flags);
    file.pMethods = &kDatabase;
  } else if ((flags & SQLITE_OPEN_WAL) != 0) {
    file.state->database = ours(sqlite3_database_file_object(name)).state;
    file.pMethods = &kWal;
  }
  return SQLITE_OK;
}

// SQLite removes a log when all of it is in the file and the last connection goes.
int remove_file(sqlite3_vfs*, const char* name, int sync_directory) {
  constexpr std::string_view kLog = "-wal";
  const std::string_view path = name;
  State* state = path.ends_with(kLog) ? Open::find(std::string(path.substr(0, path.size() - kLog.size()))) : nullptr;
  if (state && state->layout.has_sums && state->layout.has_wal && state->seal->is_kept())
    if (const int code = state->seal->begin(state->layout.page_size, {}); code != SQLITE_OK) return code;
  sqlite3_vfs* vfs = real_vfs();
  return vfs->xDelete(vfs, name, sync_directory);
}

template <auto Method, class R, class... Args>
R pass_vfs(sqlite3_vfs*, Args... args) {
  sqlite3_vfs* vfs = real_vfs();
  return (vfs->*Method)(vfs, args...);
}

sqlite3_vfs* make_vfs() {
  static sqlite3_vfs vfs{};
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(CheckedFile);
  vfs.mxPathname = real_vfs()->mxPathname;
  vfs.zName = kName;
  vfs.xOpen = open;
  vfs.xDelete = remove_file;
  vfs.xAccess = pass_vfs<&sqlite3_vfs::xAccess, int, const char*, int, int*>;
  vfs.xFullPathname = pass_vfs<&sqlite3_vfs::xFullPathname, int, const char*, int, char*>;
  vfs.xRandomness = pass_vfs<&sqlite3_vfs::xRandomness, int, int, char*>;
  vfs.xSleep = pass_vfs<&sqlite3_vfs::xSleep, int, int>;
  vfs.xCurrentTime = pass_vfs<&sqlite3_vfs::xCurrentTime, int, double*>;
  vfs.xGetLastError = pass_vfs<&sqlite3_vfs::xGetLastError, int, int, char*>;
  vfs.xCurrentTimeInt64 = pass_vfs<&sqlite3_vfs::xCurrentTimeInt64, int, sqlite3_int64*>;
  sqlite3_vfs_register(&vfs, 0);
  return &vfs;
}

}  // namespace

const char* checked_vfs() {
  static const sqlite3_vfs* const registered = make_vfs();
  return registered->zName;
}

bool lacks_sums(sqlite3* db) {
  sqlite3_file* file = nullptr;
  sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (!file || file->pMethods != &kDatabase) return false;
  const PageLayout& layout = state_of(file).layout;
  return layout.page_size != 0 && !layout.has_sums;
}

}  // namespace till::sqlite
