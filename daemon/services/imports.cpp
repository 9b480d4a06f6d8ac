#include "services/imports.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/csv.h"
#include "base/file.h"
#include "base/log.h"
#include "sqlite/savepoint.h"

namespace till::services {
namespace {

namespace fs = std::filesystem;
using domain::Import;
using domain::ImportRow;
using domain::ImportStatus;
using domain::Product;
using domain::RowResult;

constexpr size_t kBatchRows = 64;
constexpr size_t kBatchBytes = size_t{256} << 10;  // a row may have a MiB: a batch ends with the row that passes this
constexpr int64_t kKeptImports = 20;
constexpr size_t kSkuBytes = 64;
constexpr size_t kMessageBytes = 300;
constexpr auto kBusyPause = std::chrono::milliseconds(50);
constexpr auto kFullPause = std::chrono::milliseconds(250);

/// What came from the file is cut before it is kept: a cell may have 64 KiB.
std::string shortened(std::string_view text, size_t bytes) {
  text = text.substr(0, bytes);
  return std::string(text.substr(0, utf8_prefix(text)));
}

/// True if it is the row that is wrong, not the machine.
bool is_refusal(const Error& error) { return error.code == Code::invalid || error.code == Code::conflict; }

/// "/category_ids/0" → "category".
std::string column_of(const std::string& pointer) {
  const std::string name = pointer.substr(std::min<size_t>(1, pointer.size()), pointer.find('/', 1) - 1);
  return name == "category_ids" ? "category" : name;
}

void refuse(ImportRow& row, const Error& why) {
  const FieldError first =
      why.fields.empty()
          ? FieldError{"", why.reason.empty() ? std::string(to_string(why.code)) : why.reason, why.message}
          : why.fields.front();
  row.result = RowResult::refused;
  row.field = column_of(first.pointer);
  row.code = first.code;
  row.detail = first.detail;
}

/// Reads past `count` rows; says how many there were.
Result<int64_t> skip_rows(CsvReader& csv, int64_t count) {
  CsvRow row;
  for (int64_t skipped = 0; skipped < count; ++skipped) {
    TILL_TRY(const bool more, csv.next(row));
    if (!more) return skipped;
  }
  return count;
}

Result<int64_t> count_rows(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  CsvReader csv(csv_source(in));
  TILL_CHECK(csv.open());
  return skip_rows(csv, INT64_MAX);
}

}  // namespace

/// A row of the file, read as far as that goes without the database.
struct Imports::Record {
  int64_t line = 0;
  ProductRow product;
};

ImportFile::~ImportFile() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove(path_, ignored);
}

void Imports::stop() {
  stopping_ = true;
  worker_.stop(WorkerPool::Stop::drop);
}

// ---- what requests and the start call

Status Imports::resume() {
  std::error_code failed;
  fs::create_directories(folder(), failed);
  if (failed) return Error{.message = folder() + ": cannot be made: " + failed.message()};
  TILL_CHECK(context_.writer.run([&](sqlite::Connection& db) -> Status {
    for (const auto& entry : fs::directory_iterator(folder(), failed)) {
      const auto id = parse_uuid(entry.path().stem().string());
      auto job = store::get_import(db, id.value_or(Uuid{}));
      if (!job.ok() && job.error().code != Code::not_found) return std::move(job).error();
      if (!job.ok() || job->status != ImportStatus::running) fs::remove(entry.path(), failed);
    }
    return {};
  }));
  start();
  return {};
}

Result<ImportFile> Imports::keep_file(const std::string& path) const {
  const Uuid id = context_.ids.next();
  ImportFile file(id, path_of(id));
  if (auto moved = move_file(path, path_of(id)); !moved.ok()) {
    log::error("import file", {{"error", moved.error().message}});  // it names paths, which are no client's business
    return Error{.code = moved.error().code, .message = "The file cannot be kept"};
  }
  return file;
}

Result<Import> Imports::add_import(ImportFile& file, bool create_only, const http::Caller& caller) {
  Import job;
  job.id = file.id();
  job.create_only = create_only;
  job.user = caller.user;
  TILL_CHECK(store::add_import(context_.tx(), job, context_.stamp(caller)));
  file.release();
  return job;
}

void Imports::start() {
  static_cast<void>(worker_.submit([this] { work(); }));  // refused: one waits already, and will find the job
}

Result<Import> Imports::get_import(const Uuid& id) const {
  TILL_TRY(auto* db, context_.read());
  return store::get_import(*db, id);
}

Result<domain::Page<Import>> Imports::list_imports(domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  return store::list_imports(*db, slice);
}

Result<domain::Page<ImportRow>> Imports::list_rows(const Uuid& id, std::optional<RowResult> result,
                                                   domain::Slice slice) const {
  TILL_TRY(auto* db, context_.read());
  TILL_TRY(const Import job, store::get_import(*db, id));
  return store::list_import_rows(*db, job.row, result, slice);
}

Result<std::string> Imports::export_products() const {
  return products_as_csv(catalogue_, context_.identity.currency, kMaxExportBytes);
}

// ---- the job, on the worker

void Imports::work() {
  while (!stopping_) {
    std::optional<Import> job;
    Status status = write([&job](sqlite::Connection& db) -> Status {
      TILL_TRY(job, store::find_running_import(db));
      return {};
    });
    if (status.ok() && job) status = run_job(*job);
    // A job whose end cannot be written stays running: a restart, or the next import, goes on with it.
    if (!status.ok()) log::error("import", {{"error", status.error().message}});
    if (!status.ok() || !job) return;
  }
}

Status Imports::run_job(Import job) {
  TILL_CHECK(forget_old_rows());
  const Status read = read_records(job);
  if (stopping_) return {};
  job.status = read.ok() ? ImportStatus::done : ImportStatus::failed;
  if (!read.ok()) job.message = shortened(read.error().message, kMessageBytes);
  TILL_CHECK(write([&](sqlite::Connection& db) { return store::save_import(db, job, stamp_of(job)); }));
  std::error_code ignored;
  fs::remove(path_of(job.id), ignored);
  log::info("import ended",
            {{"import", job.id}, {"rows", job.total}, {"refused", job.refused}, {"failed", !read.ok()}});
  return {};
}

Status Imports::read_records(Import& job) {
  const std::string path = path_of(job.id);
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{.code = Code::not_found, .message = "The file of this import is gone"};
  CsvReader csv(csv_source(in));
  TILL_CHECK(csv.open());
  TILL_TRY(const auto columns, ProductColumns::find(csv.header(), context_.identity.currency));
  if (job.total == 0) {
    TILL_TRY(job.total, count_rows(path));
  }
  TILL_CHECK(skip_rows(csv, job.next_record - 1));
  while (!stopping_) {
    TILL_TRY(const Batch batch, next_batch(csv, columns));
    if (batch.empty()) return {};
    TILL_CHECK(write_batch(batch, job));
  }
  return {};
}

Result<Imports::Batch> Imports::next_batch(CsvReader& csv, const ProductColumns& columns) const {
  Batch batch;
  CsvRow row;
  for (size_t bytes = 0; batch.size() < kBatchRows && bytes < kBatchBytes;) {
    TILL_TRY(const bool more, csv.next(row));
    if (!more) break;
    Record& record = batch.emplace_back();
    record.line = row.line;
    if (row.error.empty()) {
      record.product = columns.read(row.fields);
    } else {
      record.product.fault = invalid_field("", "csv", row.error);
    }
    for (const std::string& cell : row.fields) bytes += cell.size();
  }
  return batch;
}

Status Imports::write_batch(const Batch& batch, Import& job) {
  Import after;
  const Status written = write([&](sqlite::Connection& db) -> Status {
    after = job;
    for (const Record& record : batch) {
      TILL_TRY(ImportRow row, write_record(record, after));
      row.record = after.next_record++;
      ++after.counter(row.result);
      TILL_CHECK(store::add_import_row(db, after.row, row));
    }
    return store::save_import(db, after, stamp_of(after));
  });
  if (written.ok()) job = std::move(after);
  return written;
}

Result<ImportRow> Imports::write_record(const Record& record, const Import& job) {
  ImportRow row;
  row.line = record.line;
  row.sku = shortened(record.product.sku, kSkuBytes);
  const auto result = sqlite::nested(context_.tx(), [&] { return apply(record.product, job); });
  if (result.ok()) {
    row.result = *result;
  } else if (is_refusal(result.error())) {
    refuse(row, result.error());
  } else {
    return result.error();
  }
  return row;
}

Result<RowResult> Imports::apply(const ProductRow& row, const Import& job) {
  if (row.fault) return *row.fault;
  TILL_TRY(const Uuid user, store::import_user(context_.tx(), job));
  const http::Caller caller{.user = job.user, .id = user};
  TILL_TRY(const auto before, store::find_by_sku(context_.tx(), row.sku));
  if (before && job.create_only) return invalid_field("/sku", "exists", "is there already");
  Json::Object body = row.body;
  if (row.categories) {
    Json::Array ids;
    for (const CategoryPath& path : *row.categories) {
      TILL_TRY(const Uuid id, category_at(path, caller));
      ids.emplace_back(Json::Value(to_string(id)));
    }
    body.emplace_back("category_ids", Json(std::move(ids)));
  }
  if (!before) {
    TILL_TRY(auto product, row_from_json<Product>(Json(std::move(body))));
    TILL_CHECK(catalogue_.add_product(std::move(product), caller, core::Stream::bulk));
    return RowResult::created;
  }
  // What is fixed at creation may be said again: a unit that is the same, and the stock, which is not looked at.
  std::erase_if(body, [&before](const auto& member) {
    return member.first == "stock" || (member.first == "unit" && *member.second.string() == to_string(before->unit));
  });
  TILL_TRY(const auto patch, patch_from_json<Product>(Json(std::move(body))));
  TILL_TRY(const Product after,
           catalogue_.change_product(before->id, before->version, patch, caller, core::Stream::bulk));
  return after.version == before->version ? RowResult::unchanged : RowResult::updated;
}

/// The category a path ends in; what is missing of it is made.
Result<Uuid> Imports::category_at(const CategoryPath& path, const http::Caller& caller) {
  std::optional<Uuid> at;
  for (const std::string& name : path) {
    TILL_TRY(const auto found, store::find_category(context_.tx(), at, name));
    if (found) {
      at = found->id;
      continue;
    }
    auto wanted = row_from_json<domain::Category>(Json(Json::Object{{"name", Json(name)}}));
    if (!wanted)
      return invalid_field("/category", wanted.error().fields.front().code, wanted.error().fields.front().detail);
    wanted->parent_id = at;
    TILL_TRY(const auto made, catalogue_.add_category(std::move(*wanted), caller, core::Stream::bulk));
    at = made.id;
  }
  return at.value_or(Uuid{});
}

/// One write. While the writer has more waiting than it takes, or the disk has room for sales only, this waits. A disk
/// that is full although there should be room ends the job.
Status Imports::write(const std::function<Status(sqlite::Connection&)>& change) {
  for (;;) {
    if (room_().ok()) {
      Status status = context_.writer.run(change);
      if (status.ok() || stopping_) return status;
      const bool goes_by = status.error().code == Code::busy || (status.error().code == Code::full && !room_().ok());
      if (!goes_by) return status;
    } else if (stopping_) {
      return room_();
    }
    std::this_thread::sleep_for(room_().ok() ? kBusyPause : kFullPause);
  }
}

/// Results of old jobs go, a little at a time.
Status Imports::forget_old_rows() {
  for (bool more = true; more && !stopping_;) {
    TILL_CHECK(write([&more](sqlite::Connection& db) -> Status {
      TILL_TRY(more, store::forget_import_rows(db, kKeptImports));
      return {};
    }));
  }
  return {};
}

}  // namespace till::services
