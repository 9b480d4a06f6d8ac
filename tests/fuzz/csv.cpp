// CSV of any bytes, in pieces of any size: the rows do not depend on the pieces, what was read is written and read back
// the same, and a row of products becomes a body that is judged like any other.
//
//   input = u8 bytes a piece | file
#include "base/csv.h"

#include <cstring>
#include <sstream>

#include "domain/decimal.h"
#include "fuzz/fuzz.h"
#include "services/product_csv.h"

namespace till::fuzz {
namespace {

struct Table {
  Status opened;
  std::vector<std::string> header{};
  std::vector<CsvRow> rows{};
};

CsvSource pieces_of(std::string_view text, size_t piece) {
  return [text, piece](std::span<char> into) mutable -> Result<size_t> {
    const size_t size = std::min({text.size(), into.size(), piece});
    std::memcpy(into.data(), text.data(), size);
    text.remove_prefix(size);
    return size;
  };
}

Table read_table(const CsvSource& source) {
  CsvReader reader(source);
  Table table{.opened = reader.open()};
  if (!table.opened.ok()) return table;
  table.header = reader.header();
  CsvRow row;
  for (auto more = reader.next(row); *more; more = reader.next(row)) table.rows.push_back(row);
  return table;
}

void check_same(const Table& a, const Table& b) {
  TILL_ASSERT(a.opened.ok() == b.opened.ok() && a.header == b.header && a.rows.size() == b.rows.size());
  for (size_t i = 0; i < a.rows.size(); ++i) {
    TILL_ASSERT(a.rows[i].line == b.rows[i].line && a.rows[i].error == b.rows[i].error);
    TILL_ASSERT(a.rows[i].fields == b.rows[i].fields || !a.rows[i].error.empty());
  }
}

void check_bounds(const Table& table, std::string_view text) {
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  TILL_ASSERT(!table.header.empty() && table.header.size() <= kMaxCsvColumns);
  int64_t last = 1;
  for (const CsvRow& row : table.rows) {
    TILL_ASSERT(row.line > last && row.line <= lines);
    last = row.line;
    if (!row.error.empty()) continue;
    TILL_ASSERT(row.fields.size() == table.header.size());
    for (const std::string& field : row.fields) TILL_ASSERT(is_utf8(field) && field.size() <= kMaxCsvFieldBytes);
  }
}

void check_written(const Table& table) {
  std::string text;
  CsvWriter out(text);
  auto write = [&](const std::vector<std::string>& fields) {
    for (const std::string& field : fields) out.field(field);
    out.end_row();
  };
  write(table.header);
  size_t good = 0;
  for (const CsvRow& row : table.rows) {
    if (row.error.empty()) write(row.fields), ++good;
  }
  const Table again = read_table(pieces_of(text, text.size()));
  TILL_ASSERT(again.opened.ok() && again.header == table.header && again.rows.size() == good);
  auto row = again.rows.begin();
  for (const CsvRow& former : table.rows) {
    if (former.error.empty()) TILL_ASSERT((row++)->fields == former.fields);
  }
}

void check_products(const Table& table) {
  const auto columns = services::ProductColumns::find(table.header, "EUR");
  if (!columns.ok()) return TILL_ASSERT(columns.error().code == Code::invalid);
  for (const CsvRow& row : table.rows) {
    if (!row.error.empty()) continue;
    services::ProductRow read = columns->read(row.fields);
    if (read.fault) continue;
    const auto product = row_from_json<domain::Product>(Json(std::move(read.body)));
    if (!product.ok()) continue;
    TILL_ASSERT(product->sku == read.sku);
    const std::string price = domain::to_decimal(product->price, 2, 2);
    TILL_ASSERT(domain::parse_decimal(price, 2).value() == product->price);
    for (const auto& path : read.categories.value_or(std::vector<services::CategoryPath>{})) {
      TILL_ASSERT(!path.empty() && path.size() <= services::kMaxCategoryDepth);
    }
  }
}

}  // namespace

void run(Input in) {
  const size_t piece = in.byte() + size_t{1};
  const std::string_view text = in.text();
  std::istringstream stream{std::string(text)};
  const Table table = read_table(csv_source(stream));
  check_same(table, read_table(pieces_of(text, piece)));
  if (!table.opened.ok()) return TILL_ASSERT(table.opened.error().code == Code::invalid);
  check_bounds(table, text);
  check_written(table);
  check_products(table);
}

}  // namespace till::fuzz
