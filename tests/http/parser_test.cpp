// The golden corpus of heads: each row is fed whole, byte by byte and cut in two at every place, and must come to the
// same end every time.
#include "http/parser.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace till;
using namespace till::http;

namespace {

struct Judged {
  int status = 0;  // of the refusal; 200: a whole head; 0: not whole yet
  std::string code{};
  Request request{};
  Head head{};
  size_t used = 0;
};

/// Feeds the parts one after the other, as they might come from a socket.
Judged feed(const std::vector<std::string_view>& parts) {
  std::string bytes;
  size_t line_start = 0;
  Judged judged;
  for (std::string_view part : parts) {
    bytes.append(part);
    const Scan scan = scan_head(bytes, line_start);
    std::optional<Refusal> refusal = scan.refusal;
    if (!refusal && scan.head_bytes == 0) continue;
    if (!refusal) refusal = parse_head(bytes.substr(0, scan.head_bytes), judged.request, judged.head);
    judged.status = refusal ? refusal->status : 200;
    judged.code = refusal ? refusal->code : "";
    judged.used = scan.head_bytes;
    return judged;
  }
  return judged;
}

std::vector<std::string_view> bytes_of(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t i = 0; i < text.size(); ++i) parts.push_back(text.substr(i, 1));
  return parts;
}

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  while (times-- > 0) out.append(text);
  return out;
}

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
std::string with(std::string_view fields) { return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n"; }
std::string post(std::string_view fields) { return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n"; }

struct Row {
  std::string_view name;
  std::string bytes;
  int status;
  std::string_view code = "";
};

// clang-format off
const std::vector<Row> kRows = {
    {"plain GET", get("/"), 200},
    {"no colon after the name", with("Thing\r\n"), 400, "bad_field"},
    {"white space before the colon", with("Thing : 1\r\n"), 400, "bad_field"},
    {"folded field", with("Thing: 1\r\n 2\r\n"), 400, "bad_field"},
    {"folded first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "bad_field"},
    {"empty field name", with(": 1\r\n"), 400, "bad_field"},
    {"NUL in a value", with(std::string("Thing: a\0b\r\n", 12)), 400, "bad_field"},
    {"CR in a value", with("Thing: a\rb\r\n"), 400, "bad_field"},
    {"bell in a value", with("Thing: \a\r\n"), 400, "bad_field"},
    {"Latin-1 in a value", with("Thing: caf\xe9\r\n"), 200},
    {"Latin-1 in a name", with("caf\xe9: 1\r\n"), 400, "bad_field"},
    {"tab in a value", with("Thing:\ta\tb\t\r\n"), 200},
    {"empty value", with("Thing:\r\n"), 200},
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400, "bad_line"},
    {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400, "bad_line"},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400, "bad_line"},
    {"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "not_http"},
    {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01", 6), 400, "not_http"},
    {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "not_http"},
    {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
    {"CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
    {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "unknown_method"},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "bad_version"},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505, "bad_version"},
    {"HTTP/0.9", "GET /\r\n\r\n", 400, "bad_request_line"},
    {"version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"long version", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"tab instead of a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_request_line"},
    {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 200},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "bad_host"},
    {"no Host, but close", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "bad_host"},
    {"two Hosts", with("Host: b\r\n"), 400, "double_field"},
    {"the same Host twice", with("Host: a\r\n"), 400, "double_field"},
    {"empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", 400, "bad_host"},
    {"two in one Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, "bad_host"},
    {"user in Host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "bad_host"},
    {"IPv6 Host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200},
    {"two Authorizations", with("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400, "double_field"},
    {"absolute form", get("http://a/"), 400, "bad_target"},
    {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"},
    {"no slash", get("a"), 400, "bad_target"},
    {"fragment", get("/a#b"), 400, "bad_target"},
    {"raw UTF-8", get("/caf\xc3\xa9"), 400, "bad_target"},
    {"DEL in the target", get("/a\x7f"), 400, "bad_target"},
    {"encoded UTF-8", get("/caf%C3%A9"), 200},
    {"encoded Latin-1", get("/caf%E9"), 400, "bad_utf8"},
    {"overlong UTF-8", get("/%C0%AF"), 400, "bad_utf8"},
    {"surrogate in the query", get("/?a=%ED%A0%80"), 400, "bad_utf8"},
    {"NUL in the path", get("/a%00"), 400, "bad_escape"},
    {"NUL in the query", get("/?a=%00"), 400, "bad_escape"},
    {"half an escape", get("/a%4"), 400, "bad_escape"},
    {"escape of no digits", get("/a%zz"), 400, "bad_escape"},
    {"% at the end", get("/?a=%"), 400, "bad_escape"},
    {"parent segment", get("/a/../b"), 400, "bad_path"},
    {"encoded parent segment", get("/a/%2e%2E/b"), 400, "bad_path"},
    {"parent segment last", get("/a/.."), 400, "bad_path"},
    {"dot segment", get("/./a"), 400, "bad_path"},
    {"dots in a name", get("/a..b/...c"), 200},
    {"encoded slash", get("/a%2Fb"), 400, "bad_path"},
    {"backslash", get("/a\\b"), 400, "bad_path"},
    {"encoded CRLF in the path", get("/a%0d%0ab"), 400, "bad_path"},
    {"encoded CRLF in the query", get("/?a=b%0d%0ac"), 200},
    {"100 parameters", get("/?" + repeat("a&", 100)), 200},
    {"101 parameters", get("/?" + repeat("a&", 101)), 400, "too_many_parameters"},
    {"target of 8 KB", get("/" + repeat("a", kMaxTarget - 1)), 200},
    {"target over 8 KB", get("/" + repeat("a", kMaxTarget)), 414, "target_too_long"},
    {"endless target", "GET /" + repeat("a", 20'000), 414, "target_too_long"},
    {"endless method", repeat("A", 20'000), 414, "target_too_long"},
    {"99 fields and Host", with(repeat("a: b\r\n", 99)), 200},
    {"100 fields and Host", with(repeat("a: b\r\n", 100)), 431, "too_many_fields"},
    {"endless field", "GET / HTTP/1.1\r\nHost: a\r\nA: " + repeat("a", 32'000), 431, "head_too_large"},
    {"endless fields", "GET / HTTP/1.1\r\n" + repeat("aaaaaaaa: bbbbbbbbbbbb\r\n", 1'500), 431, "head_too_large"},
    {"POST without length", post(""), 411, "length_required"},
    {"PUT without length", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n", 411, "length_required"},
    {"PATCH without length", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", 411, "length_required"},
    {"DELETE without length", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"POST of nothing", post("Content-Length: 0\r\n"), 200},
    {"GET with length 0", with("Content-Length: 0\r\n"), 200},
    {"GET with a body", with("Content-Length: 1\r\n"), 400, "unwanted_body"},
    {"chunked", post("Transfer-Encoding: chunked\r\n"), 411, "length_required"},
    {"chunked GET", with("Transfer-Encoding: chunked\r\n"), 411, "length_required"},
    {"identity", post("Transfer-Encoding: identity\r\n"), 411, "length_required"},
    {"length and chunked", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400, "two_lengths"},
    {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400, "two_lengths"},
    {"hidden chunked", post("Content-Length: 3\r\nTransfer-Encoding : chunked\r\n"), 400, "bad_field"},
    {"two lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n"), 400, "double_field"},
    {"equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n"), 400, "double_field"},
    {"length list", post("Content-Length: 3, 3\r\n"), 400, "bad_length"},
    {"negative length", post("Content-Length: -1\r\n"), 400, "bad_length"},
    {"length with a plus", post("Content-Length: +1\r\n"), 400, "bad_length"},
    {"hexadecimal length", post("Content-Length: 0x10\r\n"), 400, "bad_length"},
    {"empty length", post("Content-Length:\r\n"), 400, "bad_length"},
    {"length over 63 bits", post("Content-Length: 9999999999999999999\r\n"), 400, "bad_length"},
    {"gzip", post("Content-Length: 3\r\nContent-Encoding: gzip\r\n"), 415, "encoded_body"},
    {"100-continue", post("Content-Length: 3\r\nExpect: 100-Continue\r\n"), 200},
    {"another expectation", post("Content-Length: 3\r\nExpect: coffee\r\n"), 417, "bad_expectation"},
    {"only a beginning", "GET / HTTP/1.1\r\nHost: a\r\n", 0},
};
// clang-format on

}  // namespace

TEST_CASE("every head of the corpus is judged the same however its bytes are cut") {
  for (const Row& row : kRows) {
    CAPTURE(row.name);
    const std::string_view bytes = row.bytes;
    const Judged whole = feed({bytes});
    CHECK(whole.status == row.status);
    CHECK(whole.code == row.code);
    const Judged dripped = feed(bytes_of(bytes));
    CHECK(dripped.status == row.status);
    CHECK(dripped.code == row.code);
    const size_t step = bytes.size() > 1'000 ? 97 : 1;
    size_t differ = 0;
    for (size_t cut = 1; cut < bytes.size(); cut += step) {
      const Judged two = feed({bytes.substr(0, cut), bytes.substr(cut)});
      if (two.status != whole.status || two.code != whole.code || two.request.headers != whole.request.headers)
        ++differ;
    }
    CHECK(differ == 0);
  }
}

TEST_CASE("a head is read into the request") {
  const Judged read =
      feed({"PATCH /a%20b/c+d?x=1%2B1&y=a+b&z&=e&x=2 HTTP/1.1\r\nHOST: shop.example:8080\r\n"
            "Content-Length: 12\r\nX-Odd:  two words \t\r\nConnection: Upgrade, CLOSE\r\n\r\nbody"});
  REQUIRE(read.status == 200);
  CHECK(read.request.method == Method::patch);
  CHECK(read.request.path == "/a b/c+d");
  CHECK(read.request.query == Pairs{{"x", "1+1"}, {"y", "a b"}, {"z", ""}, {"", "e"}, {"x", "2"}});
  CHECK(*read.request.header("host") == "shop.example:8080");
  CHECK(*read.request.header("x-odd") == "two words");
  CHECK(read.request.header("nothing") == nullptr);
  CHECK(read.head.content_length == 12);
  CHECK(read.head.close);
  CHECK_FALSE(read.head.expects_continue);
}

TEST_CASE("whether the connection stays") {
  CHECK_FALSE(feed({get("/")}).head.close);
  CHECK(feed({with("Connection: close\r\n")}).head.close);
  CHECK_FALSE(feed({with("Connection: keep-alive\r\n")}).head.close);
  CHECK_FALSE(feed({with("Connection: closed\r\n")}).head.close);
  CHECK(feed({"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"}).head.close);
  CHECK(feed({post("Content-Length: 3\r\nExpect: 100-continue\r\n")}).head.expects_continue);
}

TEST_CASE("only the head is taken from the bytes that are there") {
  const std::string first = get("/a");
  CHECK(feed({first + get("/b")}).used == first.size());
}

TEST_CASE("any bytes are judged, and the same however they are cut") {
  const auto property = [](const std::vector<std::string>& pieces, uint8_t from) {
    static const std::vector<std::string> kScraps = {"GET ",
                                                     "/",
                                                     " HTTP/1.1",
                                                     "\r\n",
                                                     "\n",
                                                     "\r",
                                                     ":",
                                                     "Host: a",
                                                     "%",
                                                     "%41",
                                                     "?",
                                                     "&",
                                                     "=",
                                                     " ",
                                                     "\t",
                                                     "POST ",
                                                     "Content-Length: 3",
                                                     "Expect: ",
                                                     "Transfer-Encoding: x",
                                                     "\r\n\r\n"};
    std::string bytes = from % 2 == 0 ? "GET / HTTP/1.1\r\nHost: a\r\n" : "";
    for (const std::string& piece : pieces) {
      bytes += piece.empty() ? kScraps[from % kScraps.size()] : piece;
      bytes += kScraps[(bytes.size() * 7 + from) % kScraps.size()];
    }
    const Judged whole = feed({bytes});
    const Judged dripped = feed(bytes_of(bytes));
    RC_ASSERT(whole.status == dripped.status);
    RC_ASSERT(whole.code == dripped.code);
    RC_ASSERT(whole.used == dripped.used);
  };
  CHECK(rc::check("scan and parse", property));
}

TEST_CASE("content types are compared without their parameters") {
  CHECK(media_type("Text/CSV ; charset=utf-8") == "text/csv");
  CHECK(media_type("") == "");
  CHECK(has_token("a, B ,c", "b"));
  CHECK_FALSE(has_token("ab", "b"));
}
