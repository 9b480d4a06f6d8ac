// Lines of a table before canonical routes that only note what they were asked.
#include "api/dialects/interpreter.h"

#include <doctest/doctest.h>

#include "api/dialects/forms.h"
#include "api/dialects/special.h"
#include "domain/refusal.h"
#include "http/handler.h"
#include "support/fake_clock.h"
#include "support/fake_random.h"

namespace till::dialects {
namespace {

using http::Finish;
using http::Method;
using http::Outcome;
using http::Request;
using http::Response;
using http::Route;
using http::Work;

constexpr Schema kAnyBody{"Any", nullptr};
const Keys kRow{{"id", "id"}, {"price", "price", &kMoney}};

/// A canonical route that says `answer`, in a write if `works`.
struct Canonical {
  Request asked{};  // the last request
  int times = 0;
  Result<Response> answer = Response{.body = R"({"id":"x","price":1999})"};
  bool fails_inside = false;

  Route route(Method method, std::string_view path, bool works) {
    Route made{.method = method,
               .path = path,
               .role = "manager",
               .needs = domain::right(domain::Role::manager),
               .lane = works ? http::Lane::write : http::Lane::read,
               .name = "things.do",
               .summary = "Does things",
               .handler = [this, works](Request& request) -> Result<Outcome> {
                 asked = request;
                 ++times;
                 if (!works || (!answer.ok() && !fails_inside)) {
                   TILL_TRY(Response response, answer);
                   return response;
                 }
                 return Work([this]() -> Result<Finish> {
                   if (!answer.ok()) return answer.error();
                   return Finish([this]() -> Result<Response> { return answer; });
                 });
               }};
    if (method != Method::get && method != Method::del) made.body = &kAnyBody;
    return made;
  }
};

/// What the pipeline does with an outcome.
Result<Response> run(Result<Outcome> outcome) {
  TILL_TRY(Outcome made, std::move(outcome));
  if (auto* response = std::get_if<Response>(&made)) return std::move(*response);
  return run_whole(std::get<Work>(made));
}

class Table {
 public:
  explicit Table(Manner manner = {}) : manner_(manner) { manner_.ids = &ids_; }

  Route add(Line line, Route canonical, std::optional<Route> beside = {}) {
    return Interpreter::route(
        std::make_shared<const Interpreter>(std::move(line), std::move(canonical), std::move(beside), manner_));
  }
  Result<Response> ask(Line line, Route canonical, Request request) {
    const Route route = add(std::move(line), std::move(canonical));
    return run(route.handler(request));
  }

 private:
  test::FakeClock clock_;
  test::FakeRandom random_;
  IdSource ids_{clock_, random_};
  Manner manner_;
};

Request request(std::string body, http::Pairs params = {}) {
  Request made;
  made.body = std::move(body);
  made.params = std::move(params);
  return made;
}

std::string pointers(const Error& error) {
  std::string all;
  for (const FieldError& field : error.fields) all += field.pointer + " " + field.code + ";";
  return all;
}

const Line kAdd{Method::post, "/things", "things.do", {{"cost", "price", &kMoney}}, kRow, "Thing added"};
const Line kChange{Method::put, "/things/{id}", "things.do", {{"cost", "price", &kMoney}}, kRow, "Thing changed"};

}  // namespace

TEST_CASE("role, lane and limit are those of the canonical route; keys and versions may be sent and need not") {
  Canonical canonical;
  Route strict = canonical.route(Method::post, "/api/v1/things", true);
  strict.limit = http::Limit::strict;
  strict.once = http::Once::by_effect;
  strict.versioned = true;
  strict.ok_status = 204;
  strict.open_to_restricted = true;
  const Route made = Table().add(kAdd, strict);
  CHECK(made.path == "/things");
  CHECK(made.name == "classic.post.things");
  CHECK(made.role == "manager");
  CHECK(made.needs == strict.needs);
  CHECK(made.lane == http::Lane::write);
  CHECK(made.limit == http::Limit::strict);
  CHECK(made.once == http::Once::optional);
  CHECK_FALSE(made.versioned);
  CHECK(made.open_to_restricted);
  CHECK(made.ok_status == 200);
  CHECK(made.problem_status_member.empty());

  const Route wrapped = Table({.is_v1 = true}).add(Line(kChange).list().from(domain::Role::admin), strict);
  CHECK(wrapped.path == "/v1/things/{id}");
  CHECK(wrapped.name == "v1.put.things.id");
  CHECK(wrapped.role == "admin");
  CHECK(wrapped.needs == domain::right(domain::Role::admin));
  CHECK(wrapped.lane == http::Lane::slow);
  CHECK(wrapped.problem_status_member == "statusCode");
}

TEST_CASE("a body crosses in canonical words and the answer comes back in the older ones") {
  Canonical canonical;
  const Route route = canonical.route(Method::post, "/api/v1/things", true);
  auto answer = Table().ask(kAdd, route, request(R"({"cost": 19.99, "owner": "me"})"));
  REQUIRE(answer.ok());
  CHECK(canonical.asked.body == R"({"price":1999})");
  CHECK(answer->body == R"({"id":"x","price":19.99})");

  answer = Table({.is_v1 = true}).ask(kAdd, route, request(R"({"cost": 19.99})"));
  CHECK(answer->status == 201);
  CHECK(answer->body == R"({"statusCode":201,"message":"Thing added","data":{"_id":"x","id":"x","price":19.99}})");
}

TEST_CASE("what is empty here says there that it was done") {
  Canonical canonical;
  canonical.answer = Response{.status = 204};
  const Line line{Method::del, "/things/{id}", "things.do", {}, {}, "Thing removed"};
  const Route route = canonical.route(Method::del, "/api/v1/things/{id}", true);
  auto answer = Table().ask(line, route, request("", {{"id", "7"}}));
  CHECK(answer->status == 200);
  CHECK(answer->body == R"({"message":"Thing removed"})");
  answer = Table({.is_v1 = true}).ask(line, route, request("", {{"id", "7"}}));
  CHECK(answer->body == R"({"statusCode":200,"message":"Thing removed","data":null})");
  CHECK(canonical.asked.param("id") == "7");
  CHECK(canonical.asked.body.empty());
}

TEST_CASE("a body that is no object is refused, a bare POST is an empty one") {
  Canonical canonical;
  const Route route = canonical.route(Method::post, "/api/v1/things", true);
  CHECK(Table().ask(kAdd, route, request("")).ok());
  CHECK(canonical.asked.body == "{}");
  CHECK(pointers(Table().ask(kAdd, route, request("[1]")).error()) == " type;");
  CHECK(Table().ask(kAdd, route, request("{")).error().reason == "invalid_json");
  CHECK(Table().ask(kAdd, route, request(R"({"cost":1,"cost":1})")).error().code == Code::invalid);
  CHECK(canonical.times == 1);
}

TEST_CASE("members that the older system did not have are given, unless the client gave them") {
  Canonical canonical;
  Line line = Line(kAdd).with("reason", "older").numbers("sku");
  line.takes.push_back({"reason", "reason"});
  line.takes.push_back({"sku", "sku"});
  const Route route = canonical.route(Method::post, "/api/v1/things", true);
  CHECK(Table().ask(line, route, request("{}")).ok());
  const Json body = parse_json(canonical.asked.body).value();
  CHECK(*body.find("reason")->string() == "older");
  CHECK(parse_uuid(*body.find("sku")->string()));
  CHECK(Table().ask(line, route, request(R"({"reason": "mine", "sku": "S-1"})")).ok());
  CHECK(canonical.asked.body == R"({"reason":"mine","sku":"S-1"})");
}

TEST_CASE("a version is checked where one was sent, by header or body, and not asked for where none was") {
  Canonical canonical;
  Route route = canonical.route(Method::patch, "/api/v1/things/{id}", true);
  route.versioned = true;
  auto version = [&](const std::string& body, std::optional<int64_t> header) -> std::string {
    Request sent = request(body, {{"id", "7"}});
    sent.if_match = header;
    const auto answer = Table().ask(kChange, route, sent);
    return answer.ok() ? std::to_string(canonical.asked.if_match.value_or(-99)) : answer.error().reason;
  };
  CHECK(version("{}", {}) == std::to_string(domain::kAnyVersion));
  CHECK(version(R"({"version": 5})", {}) == "5");
  CHECK(version("{}", 6) == "6");
  CHECK(version(R"({"version": 6})", 6) == "6");
  CHECK(version(R"({"version": 5})", 6) == "version_differs");
  CHECK(Table().ask(kChange, route, request(R"({"version": "5"})", {{"id", "7"}})).error().code == Code::invalid);
  // What means "any" inside cannot be said from outside.
  CHECK(Table().ask(kChange, route, request(R"({"version": -1})", {{"id", "7"}})).error().code == Code::invalid);

  route.versioned = false;
  CHECK(version(R"({"version": 5})", {}) == "-99");
}

TEST_CASE("an id comes from the path or the body; what the canonical path has not is a query") {
  Canonical canonical;
  const Keys takes{{"productId", "product_id", nullptr, {}, Place::path}, {"quantity", "quantity", &kPieces}};
  const Route route = canonical.route(Method::post, "/api/v1/stock/{product_id}/count", true);
  const Line line{Method::post, "/count", "things.do", takes, {}, "Counted"};
  CHECK(Table().ask(line, route, request(R"({"productId": "p", "quantity": 2})")).ok());
  CHECK(canonical.asked.param("product_id") == "p");
  CHECK(canonical.asked.body == R"({"quantity":2000})");
  CHECK(Table().ask(line, route, request(R"({"productId": "other"})", {{"product_id", "p"}})).ok());
  CHECK(canonical.asked.param("product_id") == "p");
  CHECK(pointers(Table().ask(line, route, request(R"({"quantity": "x"})")).error()) ==
        "/quantity type;/productId required;");
  CHECK(pointers(Table().ask(line, route, request(R"({"productId": 5})")).error()) == "/productId type;");

  const Line by_shelf{Method::get, "/things/of/{shelf}", "things.do", {}, {}, "Things"};
  CHECK(Table()
            .ask(by_shelf, canonical.route(Method::get, "/api/v1/things", false), request("", {{"shelf", "top"}}))
            .ok());
  CHECK(canonical.asked.params.empty());
  CHECK(*canonical.asked.query_value("shelf") == "top");
}

TEST_CASE("an idempotency key is the pipeline's business: the canonical route does not see it") {
  Canonical canonical;
  Request sent = request("{}");
  sent.once = http::OnceKey{.route = "POST /things", .key = "k"};
  CHECK(Table().ask(kAdd, canonical.route(Method::post, "/api/v1/things", true), sent).ok());
  CHECK_FALSE(canonical.asked.once);
}

TEST_CASE("errors point at the client's words and show the row in its shape, whenever they are found") {
  Canonical canonical;
  const Route route = canonical.route(Method::post, "/api/v1/things", true);
  for (const bool inside : {false, true}) {
    canonical.fails_inside = inside;
    canonical.answer = invalid_field("/price", "range", "too dear");
    CHECK(pointers(Table().ask(kAdd, route, request(R"({"cost": 5})")).error()) == "/cost range;");
    canonical.answer = Error{.code = Code::stale,
                             .message = "changed",
                             .current = R"({"id":"x","price":1999,"secret":1})",
                             .current_version = 8};
    const auto stale = Table().ask(kAdd, route, request("{}"));
    CHECK(stale.error().current == R"({"id":"x","price":19.99})");
    CHECK(stale.error().current_version == 8);
  }
}

TEST_CASE("all faults at once: those of the translation and those that the canonical route finds") {
  Canonical canonical;
  const Route route = canonical.route(Method::post, "/api/v1/things", true);
  Line line = kAdd;
  line.takes.push_back({"name", "name"});
  canonical.answer = Error{.code = Code::invalid,
                           .message = "wrong",
                           .fields = {{"/price", "type", "must be an integer"}, {"/name", "required", "is missing"}}};
  CHECK(pointers(Table().ask(line, route, request(R"({"cost": 1.999})")).error()) == "/cost too_fine;/name required;");

  // Whatever else it says: nothing is done with half a body.
  canonical.answer = Error{.code = Code::conflict, .message = "taken"};
  CHECK(pointers(Table().ask(line, route, request(R"({"cost": 1.999})")).error()) == "/cost too_fine;");
  canonical.answer = Response{};
  CHECK(pointers(Table().ask(line, route, request(R"({"cost": 1.999})")).error()) == "/cost too_fine;");
}

namespace {

/// A canonical list of `rows` things, page by page, each with as many lines.
Route list_of(int64_t rows, int64_t lines, int& pages) {
  Canonical unused;
  Route list = unused.route(Method::get, "/api/v1/things", false);
  list.handler = [=, &pages](Request& asked) -> Result<Outcome> {
    ++pages;
    TILL_TRY(const auto limit, http::integer_query(asked, "limit"));
    const std::string* cursor = asked.query_value("cursor");
    const int64_t from = cursor ? std::stoll(*cursor) : 0, to = std::min(rows, from + *limit);
    CHECK(*asked.query_value("sort") == "-id");
    Response response;
    JsonWriter out(response.body);
    out.begin_object().key("items").begin_array();
    for (int64_t i = from; i < to; ++i) {
      out.begin_object().member("id", i).member("price", i * 100).key("lines").begin_array();
      for (int64_t line = 0; line < lines; ++line) out.value(line);
      out.end_array().end_object();
    }
    out.end_array().key("next");
    to < rows ? out.value(std::to_string(to)) : out.null();
    out.end_object();
    return response;
  };
  return list;
}

const Line kList = Line{Method::get, "/things", "things.list", {}, kRow, "Things"}.list({{"sort", "-id"}});

}  // namespace

TEST_CASE("a list is bare, and as long as there are rows, up to a thousand") {
  for (const int64_t rows : {0, 1, 128, 129, 999, 1000, 1001, 5000}) {
    CAPTURE(rows);
    int pages = 0;
    const auto answer = Table().ask(kList, list_of(rows, 0, pages), request(""));
    REQUIRE(answer.ok());
    const Json list = parse_json(answer->body).value();
    CHECK(static_cast<int64_t>(list.array()->size()) == std::min<int64_t>(rows, 1000));
    for (size_t i = 0; i < list.array()->size(); ++i)
      CHECK(*(*list.array())[i].find("id")->integer() == static_cast<int64_t>(i));
    CHECK(pages == (std::min<int64_t>(rows, 1000) + 127) / 128 + (rows == 0 ? 1 : 0));
  }
  int pages = 0;
  const auto wrapped = Table({.is_v1 = true}).ask(kList, list_of(1, 0, pages), request(""));
  CHECK(wrapped->body == R"({"statusCode":200,"message":"Things","data":[{"_id":0,"id":0,"price":0}]})");
}

TEST_CASE("long rows come in smaller pages, and end at so many bytes") {
  int pages = 0;
  auto answer =
      Table().ask(kList, list_of(100, 2000, pages), request(""));  // 128 of them are too many values for one text
  REQUIRE(answer.ok());
  CHECK(parse_json(answer->body)->array()->size() == 100);
  CHECK(pages > 1);

  Line whole = kList;
  whole.gives.push_back({"lines", "lines"});
  answer = Table().ask(whole, list_of(1000, 2000, pages), request(""));
  REQUIRE(answer.ok());
  CHECK(answer->body.size() > (size_t{8} << 20));
  CHECK(answer->body.size() < (size_t{9} << 20));
  CHECK(answer->body.back() == ']');

  answer = Table().ask(kList, list_of(3, 200'000, pages), request(""));  // no row of ours is like that
  CHECK(answer.error().code == Code::internal);
}

TEST_CASE("an error of a list is the client's answer") {
  Canonical canonical;
  canonical.answer = Error{.code = Code::busy, .message = "later"};
  CHECK(Table().ask(kList, canonical.route(Method::get, "/api/v1/things", false), request("")).error().code ==
        Code::busy);
}

TEST_CASE("a work outlives the request that it was made of") {
  Canonical canonical;
  canonical.answer = invalid_field("/price", "range", "too dear");
  canonical.fails_inside = true;
  Work work;
  {
    const Route route = Table().add(kAdd, canonical.route(Method::post, "/api/v1/things", true));
    Request sent = request(R"({"cost": 5})");
    auto outcome = route.handler(sent);
    work = std::move(std::get<Work>(*outcome));
  }
  CHECK(pointers(run_whole(work).error()) == "/cost range;");
}

}  // namespace till::dialects
