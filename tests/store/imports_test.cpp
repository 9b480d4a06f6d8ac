// Jobs and their results as rows: pages, what is running, and that old results go while those of new jobs stay.
#include "store/imports.h"

#include <doctest/doctest.h>

#include "sqlite/migrate.h"
#include "store/migrations.h"
#include "support/temp_folder.h"

using namespace till;
using namespace till::store;
using domain::Import;
using domain::ImportRow;
using domain::ImportStatus;
using domain::RowResult;

namespace {

struct Jobs {
  test::TempFolder folder;
  std::unique_ptr<sqlite::Connection> db =
      sqlite::Connection::open(folder.file("till.db"), sqlite::Mode::create).value();
  Stamp stamp{.now = {1'000}, .user = 7, .version_base = 100};

  Jobs() { REQUIRE(sqlite::migrate(*db, kMigrations, {0}).ok()); }

  Import add(uint8_t n, int64_t rows = 0) {
    Import job;
    job.id.bytes[15] = n;
    job.user = 7;
    REQUIRE(add_import(*db, job, stamp).ok());
    for (int64_t record = 1; record <= rows; ++record) {
      const auto result = record % 2 == 0 ? RowResult::refused : RowResult::created;
      REQUIRE(add_import_row(*db, job.row, {.record = record, .line = record + 1, .sku = "S", .result = result}).ok());
    }
    return job;
  }
  size_t rows_of(const Import& job) { return list_import_rows(*db, job.row, {}, {.limit = 1'000})->items.size(); }
};

}  // namespace

TEST_CASE("a job is found as it was saved last") {
  Jobs jobs;
  Import job = jobs.add(1);
  CHECK(job.version == 100);
  job.status = ImportStatus::failed;
  job.total = 5;
  job.refused = 2;
  job.message = "why";
  job.next_record = 3;
  jobs.stamp.now = {2'000};
  REQUIRE(save_import(*jobs.db, job, jobs.stamp).ok());
  const Import found = get_import(*jobs.db, job.id).value();
  CHECK(found.version == 101);
  CHECK(found.created_at.ms == 1'000);
  CHECK(found.updated_at.ms == 2'000);
  CHECK(found.status == ImportStatus::failed);
  CHECK(found.total == 5);
  CHECK(found.refused == 2);
  CHECK(found.message == "why");
  CHECK(found.next_record == 3);
  CHECK(found.user == 7);
  CHECK(get_import(*jobs.db, Uuid{}).error().code == Code::not_found);
}

TEST_CASE("the oldest running job comes first, ended ones do not come") {
  Jobs jobs;
  CHECK_FALSE(find_running_import(*jobs.db)->has_value());
  Import first = jobs.add(1);
  Import second = jobs.add(2);
  CHECK(find_running_import(*jobs.db).value()->id == first.id);
  first.status = ImportStatus::done;
  REQUIRE(save_import(*jobs.db, first, jobs.stamp).ok());
  CHECK(find_running_import(*jobs.db).value()->id == second.id);
}

TEST_CASE("jobs come newest first, page by page") {
  Jobs jobs;
  for (uint8_t n = 1; n <= 5; ++n) jobs.add(n);
  std::vector<int> seen;
  int64_t cursor = 0;
  do {
    const auto page = list_imports(*jobs.db, {.cursor = cursor, .limit = 2}).value();
    for (const Import& job : page.items) seen.push_back(job.id.bytes[15]);
    cursor = page.next;
  } while (cursor != 0);
  CHECK(seen == std::vector{5, 4, 3, 2, 1});
}

TEST_CASE("results come in the order of the file, page by page, also those of one kind only") {
  Jobs jobs;
  const Import job = jobs.add(1, 7);
  jobs.add(2, 3);
  const auto page = list_import_rows(*jobs.db, job.row, {}, {.limit = 4}).value();
  REQUIRE(page.items.size() == 4);
  CHECK(page.items[3].line == 5);
  const auto rest = list_import_rows(*jobs.db, job.row, {}, {.cursor = page.next, .limit = 4}).value();
  CHECK(rest.items.size() == 3);
  CHECK(rest.next == 0);
  const auto refused = list_import_rows(*jobs.db, job.row, RowResult::refused, {.limit = 2}).value();
  REQUIRE(refused.items.size() == 2);
  CHECK(refused.items[1].record == 4);
  CHECK(list_import_rows(*jobs.db, job.row, RowResult::refused, {.cursor = refused.next, .limit = 2})->items.size() ==
        1);
}

TEST_CASE("old results go bit by bit, those of the jobs that are kept stay") {
  Jobs jobs;
  const Import oldest = jobs.add(1, 300), older = jobs.add(2, 10), newer = jobs.add(3, 20), newest = jobs.add(4, 5);
  REQUIRE(forget_import_rows(*jobs.db, 2).value());
  CHECK(jobs.rows_of(oldest) == 300 - 256);
  CHECK(jobs.rows_of(older) == 10);
  while (forget_import_rows(*jobs.db, 2).value()) {
  }
  CHECK(jobs.rows_of(oldest) == 0);
  CHECK(jobs.rows_of(older) == 0);
  CHECK(jobs.rows_of(newer) == 20);
  CHECK(jobs.rows_of(newest) == 5);
  CHECK(get_import(*jobs.db, oldest.id).ok());
}
