// Product imports (20-api): a CSV file, read as a job that outlives its request and the process, with a result for each
// row. The rules of products stand in Catalogue and in the field list; here is only how a file comes to them.
//
// Argument: the file is read on a thread of its own and written 64 rows at a time through the one writer, so that sales
// wait for milliseconds only. A batch commits its products, their results, the job's counters and the record to go on
// with together: whenever the process dies, the next one goes on exactly there, and no row counts twice or is lost.
// Each row has a savepoint of its own, so a bad row takes nothing with it. Jobs run in the order they came.
#pragma once

#include <atomic>
#include <functional>

#include "base/csv.h"
#include "base/worker.h"
#include "services/product_csv.h"
#include "store/imports.h"

namespace till::services {

inline constexpr size_t kMaxImportBytes = size_t{64} << 20;
inline constexpr size_t kMaxExportBytes = size_t{32} << 20;

/// An upload where its job will find it; removed again unless a job takes it.
class ImportFile {
 public:
  ImportFile(const Uuid& id, std::string path) : id_(id), path_(std::move(path)) {}
  ImportFile(ImportFile&& other) noexcept : id_(other.id_), path_(std::exchange(other.path_, {})) {}
  ImportFile& operator=(ImportFile&&) = delete;
  ~ImportFile();

  [[nodiscard]] const Uuid& id() const { return id_; }
  void release() { path_.clear(); }

 private:
  Uuid id_;
  std::string path_;
};

class Imports {
 public:
  /// `room`: an Error while the disk has no room for bulk work; a job waits for it to be over.
  Imports(const Context& context, Catalogue& catalogue, std::function<Status()> room)
      : context_(context), catalogue_(catalogue), room_(std::move(room)) {}
  ~Imports() { stop(); }
  Imports(const Imports&) = delete;
  Imports& operator=(const Imports&) = delete;

  /// Ends the work between two batches; what is left is done after the next start. Before the writer stops.
  void stop();

  /// At start, with the writer running and before the first request: removes files without a running job, and goes on
  /// with those jobs.
  Status resume();

  /// Moves an upload out of the spool, in the same file system, and syncs it. Slow lane. Error: full.
  Result<ImportFile> keep_file(const std::string& path) const;
  /// The job over a kept file. Inside a write; start() has to follow its commit.
  Result<domain::Import> add_import(ImportFile& file, bool create_only, const http::Caller& caller);
  /// There may be a new job. Any thread.
  void start();

  Result<domain::Import> get_import(const Uuid& id) const;
  /// Newest first.
  Result<domain::Page<domain::Import>> list_imports(domain::Slice slice) const;
  /// In the order of the file. The results of the newest 20 imports are kept.
  Result<domain::Page<domain::ImportRow>> list_rows(const Uuid& id, std::optional<domain::RowResult> result,
                                                    domain::Slice slice) const;

  /// All products as a file that can be imported. Error: too_large.
  Result<std::string> export_products() const;

 private:
  struct Record;
  using Batch = std::vector<Record>;

  void work();
  Status run_job(domain::Import job);
  Status read_records(domain::Import& job);
  Result<Batch> next_batch(CsvReader& csv, const ProductColumns& columns) const;
  Status write_batch(const Batch& batch, domain::Import& job);
  Result<domain::ImportRow> write_record(const Record& record, const domain::Import& job);
  Result<domain::RowResult> apply(const ProductRow& row, const domain::Import& job);
  Result<Uuid> category_at(const CategoryPath& path, const http::Caller& caller);
  Status forget_old_rows();
  Status write(const std::function<Status(sqlite::Connection&)>& change);

  [[nodiscard]] store::Stamp stamp_of(const domain::Import& job) const { return context_.stamp({.user = job.user}); }
  [[nodiscard]] std::string folder() const { return context_.settings.data_dir + "/imports"; }
  [[nodiscard]] std::string path_of(const Uuid& id) const { return folder() + "/" + to_string(id) + ".csv"; }

  const Context& context_;
  Catalogue& catalogue_;
  const std::function<Status()> room_;
  std::atomic<bool> stopping_{false};
  WorkerPool worker_{1, 1};  // a task works until no job is left: one that waits sees all that came meanwhile
};

}  // namespace till::services
