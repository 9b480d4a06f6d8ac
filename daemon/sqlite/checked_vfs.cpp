#include "sqlite/checked_vfs.h"

#include <sqlite3.h>

#include <cstring>
#include <new>

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
  bool in_checkpoint = false;      // of a database
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

int write_database(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 offset) {
  sqlite3_file* real = ours(file).real;
  State& state = state_of(file);
  const auto* begin = static_cast<const uint8_t*>(from);
  if (offset == 0 && static_cast<size_t>(bytes) >= kHeaderBytes) state.layout = PageLayout::of({begin, kHeaderBytes});
  if (!state.layout.is_page(bytes, offset)) return real->pMethods->xWrite(real, from, bytes, offset);
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
  return state.seal->has_news() ? state.seal->fold(state.layout.page_size) : SQLITE_OK;
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
  if (what == SQLITE_FCNTL_CKPT_START) state_of(file).in_checkpoint = true;
  if (what == SQLITE_FCNTL_CKPT_DONE) state_of(file).in_checkpoint = false;
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
  if (frame_follows(former, head, {static_cast<const uint8_t*>(into), page_size})) return SQLITE_OK;
  return refuse(state, n + 1, "frame");
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

int close(sqlite3_file* file) {
  State* state = ours(file).state;
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
  vfs.xDelete = pass_vfs<&sqlite3_vfs::xDelete, int, const char*, int>;
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
