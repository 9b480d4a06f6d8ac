// CSV as shops have it, bad rows among good ones, every limit, and round trips of any text.
#include "base/csv.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <sstream>

#include "base/bytes.h"

using namespace till;

namespace {

using Fields = std::vector<std::string>;

/// A whole file, read in steps of `step` bytes.
struct File {
  explicit File(std::string content, size_t step = 1 << 20)
      : text(std::move(content)), reader([this, step](std::span<char> into) -> Result<size_t> {
          size_t count = std::min({into.size(), step, text.size() - at});
          text.copy(into.data(), count, at);
          at += count;
          return count;
        }) {
    status = reader.open();
  }

  std::vector<CsvRow> rows() {
    REQUIRE(status.ok());
    std::vector<CsvRow> all;
    for (CsvRow row;;) {
      auto more = reader.next(row);
      REQUIRE(more.ok());
      if (!*more) return all;
      all.push_back(row);
    }
  }

  std::string text;
  size_t at = 0;
  CsvReader reader;
  Status status;
};

Fields only_row(const std::string& text) {
  auto rows = File(text).rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].error == "");
  return rows[0].fields;
}

std::string only_error(const std::string& text) {
  auto rows = File(text).rows();
  REQUIRE(rows.size() == 1);
  return rows[0].error;
}

}  // namespace

TEST_CASE("quotes, doubled quotes, separators and line breaks in fields") {
  CHECK(only_row("a,b,c\n1,\"x, \"\"y\"\"\nz\",3\n") == Fields{"1", "x, \"y\"\nz", "3"});
  CHECK(only_row("a,b,c\n,,\n") == Fields{"", "", ""});
  CHECK(only_row("a,b,c\n\"\",\"\",\"\"") == Fields{"", "", ""});
  CHECK(only_row("a,b\r\n1,\"2\"\r\n") == Fields{"1", "2"});
  CHECK(only_row("a,b\n 1 ,\t2\n") == Fields{" 1 ", "\t2"});
  CHECK(only_row("a,b\n1\r2,3\r\n") == Fields{"1\r2", "3"});
  CHECK(only_row("a,b\n\"1\r\n2\",3\r\n") == Fields{"1\r\n2", "3"});
}

TEST_CASE("byte order mark and separator are found") {
  File file("\xef\xbb\xbfName;Price\nTea;1,99\n");
  CHECK(file.reader.header() == Fields{"Name", "Price"});
  CHECK(file.rows()[0].fields == Fields{"Tea", "1,99"});
  CHECK(file.reader.column("Price") == 1);
  CHECK_FALSE(file.reader.column("price"));
  CHECK(File("\"a;b\",c\n").reader.header() == Fields{"a;b", "c"});
  CHECK(File("single\nx\n").rows()[0].fields == Fields{"x"});
}

TEST_CASE("a row knows the line it begins at") {
  auto rows = File("\n\na,b\r\n1,2\n\n\"x\ny\",3\r\n4,5").rows();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].line == 4);
  CHECK(rows[1].line == 6);
  CHECK(rows[2].line == 8);
}

TEST_CASE("a bad row is reported with its reason and the next one is read") {
  const std::pair<std::string, std::string_view> kBad[] = {
      {"x\"y,2", "a quote inside a field that is not quoted"},
      {"\"x\"y,2", "text after a closing quote"},
      {"\"x\" ,2", "text after a closing quote"},
      {"1", "1 fields where the header has 2"},
      {"1,2,3", "3 fields where the header has 2"},
      {"1,\xff", "not UTF-8 text"},
      {"1,caf\xe9", "not UTF-8 text"},
      {std::string("1,\0", 3), "not UTF-8 text"},
      {"1," + std::string(kMaxCsvFieldBytes + 1, 'x'), "a field is longer than 64 KiB"},
      {std::string(101, ','), "more than 100 columns"},
  };
  for (const auto& row : kBad) {
    std::string_view why = row.second;
    CAPTURE(why);
    auto rows = File("a,b\n" + row.first + "\n3,4\n").rows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].line == 2);
    CHECK(rows[0].error == why);
    CHECK(rows[1].line == 3);
    CHECK(rows[1].error == "");
    CHECK(rows[1].fields == Fields{"3", "4"});
  }
  CHECK(only_error("a,b\n1,\"open\n2,3\n") == "a quoted field is not closed");
}

TEST_CASE("limits: just within is taken") {
  std::string field(kMaxCsvFieldBytes, 'x');
  CHECK(only_row("a,b\n1," + field + "\n") == Fields{"1", field});
  std::string names = "c0", cells = "0", row = field;
  for (int i = 1; i < 100; ++i) {
    names += ",c" + std::to_string(i);
    cells += ",0";
    row += ',' + field;
  }
  CHECK(only_row(names + "\n" + cells + "\n").size() == 100);
  CHECK(only_error(names + "\n" + row + "\n") == "the row is longer than 1 MiB");
}

TEST_CASE("an unclosed quote costs 64 KiB of rows, not the rest of the file") {
  std::string text = "a,b\n1,\"open\n";
  for (int i = 0; i < 100'000; ++i) text += "3,4\n";
  auto rows = File(text).rows();
  CHECK(rows[0].error == "a field is longer than 64 KiB");
  CHECK(rows.size() > 80'000);
  CHECK(rows.back().line == 100'002);
  CHECK(rows.back().error == "");
}

TEST_CASE("headers that name nothing are refused") {
  for (const char* bad : {"", "\n\n", "\xef\xbb\xbf", "a,,b\n", "a,b,a\n", "\"a\n", "a\"b,c\n", "\xff,b\n", ","}) {
    CAPTURE(bad);
    File file(bad);
    REQUIRE_FALSE(file.status.ok());
    CHECK(file.status.error().code == Code::invalid);
  }
  CHECK_FALSE(File(std::string(200, ',')).status.ok());
  CHECK_FALSE(File(std::string(10 << 20, 'x')).status.ok());
}

TEST_CASE("a source that fails is an error of the file, not of a row") {
  int calls = 0;
  CsvReader reader([&](std::span<char> into) -> Result<size_t> {
    if (++calls > 1) return Error{.code = Code::internal, .message = "disk"};
    std::string_view text = "a,b\n1,2\n3,";
    return text.copy(into.data(), into.size());
  });
  auto status = reader.open();
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().message == "disk");
}

TEST_CASE("a stream is read") {
  std::istringstream in("a\n1\n2\n");
  CsvReader reader(csv_source(in));
  REQUIRE(reader.open().ok());
  CsvRow row;
  int rows = 0;
  for (auto more = reader.next(row); more.ok() && *more; more = reader.next(row)) ++rows;
  CHECK(rows == 2);
}

TEST_CASE("what is written reads back, whatever the field and the size of the steps") {
  CHECK(rc::check([] {
    auto letters = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab,;\"\r\n =+")));
    auto table = *rc::gen::container<std::vector<std::vector<std::string>>>(
        rc::gen::container<std::vector<std::string>>(3, letters));
    char separator = *rc::gen::element(',', ';');
    std::string text;
    CsvWriter writer(text, separator);
    writer.field("a").field("b").field("c").end_row();
    for (const auto& row : table) {
      for (const auto& field : row) writer.field(field);
      writer.end_row();
    }
    File file(text, *rc::gen::inRange<size_t>(1, 40));
    auto rows = file.rows();
    RC_ASSERT(rows.size() == table.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      RC_ASSERT(rows[i].error.empty());
      RC_ASSERT(rows[i].fields == table[i]);
    }
  }));
}

TEST_CASE("any bytes are read to their end") {
  CHECK(rc::check([] {
    auto soup = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("a1,;\"\r\n\xc3\xa9\xff\0", 12)));
    File file("h,i\n" + soup, 3);
    int64_t last = 1;
    for (const CsvRow& row : file.rows()) {
      RC_ASSERT(row.line > last);
      if (row.error.empty()) {
        RC_ASSERT(row.fields.size() == 2u);
        RC_ASSERT(is_utf8(row.fields[0]) && is_utf8(row.fields[1]));
      }
      last = row.line;
    }
  }));
}

TEST_CASE("a first field that begins like a byte order mark is none") {
  std::string text;
  CsvWriter out(text);
  out.field("\xef\xbb\xbfname").end_row();
  CHECK(text == "\"\xef\xbb\xbfname\"\r\n");
}

TEST_CASE("the writer changes no data") {
  std::string out;
  CsvWriter writer(out);
  writer.field("=1+1").field("say \"hi\"").field(int64_t{-3}).field("").end_row();
  writer.field("").end_row();
  CHECK(out == "=1+1,\"say \"\"hi\"\"\",-3,\r\n\"\"\r\n");
}
