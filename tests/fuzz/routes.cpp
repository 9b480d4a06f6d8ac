// One request to a whole shop: every route of the real table behind the real pipeline, handlers, services and database,
// as any caller, with any query, headers and body. Whatever comes, the answer is well formed, nobody is let in who may
// not, and nothing fails that would be the shop's own fault. What a request wrote is rolled back, so that each finds
// the same shop.
//
//   input = route's name | LF | role | LF | parameters of the path with blanks between | LF | query | LF | If-Match |
//           LF | body                        (A route that takes a file is left out: its file is the target csv's.)
#define DOCTEST_CONFIG_IMPLEMENT
#include "api/counter.h"
#include "fuzz/fuzz.h"
#include "http/parser.h"
#include "http/router.h"

namespace till::fuzz {
namespace {

using test::Response;

/// A shop in which there is one of everything.
class Premises {
 public:
  Premises() {
    context_.setAsDefaultForAssertsOutOfTestCases();
    context_.setAssertHandler([](const doctest::AssertData& data) {
      if (data.m_failed) assert_failed(data.m_expr, data.m_file, data.m_line);
    });
    counter_ = std::make_unique<test::Counter>();
    const auto made = counter_->post(domain::Role::manager, "/api/v1/categories", R"({"name":"Home > Cups"})");
    domain::Product wanted;
    wanted.name = wanted.sku = "Cup";
    wanted.price = 199;
    wanted.stock = 10 * domain::kQuantityOne;
    wanted.barcodes = {"4006381333931", "a code"};
    wanted.category_ids = {parse_uuid(*parse_json(made.body)->find("id")->string()).value()};
    const auto cup = counter_->shop.add(wanted).value();
    const auto sale = counter_->shop.sold({test::line(cup)});
    ids_ = {to_string(cup.id), to_string(sale.id), to_string(counter_->shop.caller(domain::Role::customer).id)};
    counter_->lane.undoes = true;
    router_.emplace(http::Router::build(counter_->pipeline->routes()).value());
  }

  [[nodiscard]] const http::Route* route(std::string_view name) const {
    for (const http::Route& route : counter_->pipeline->routes()) {
      if (route.name == name && route.upload.empty() && route.name != "system.backup") return &route;
    }
    return nullptr;
  }
  [[nodiscard]] bool leads_to(const http::Route& route, std::string_view path) const {
    http::Pairs params;
    return router_->find(route.method, path, params).route == &route;
  }
  Response send(test::Ask asked) { return counter_->send(std::move(asked)); }
  /// "#0" is the product, "#1" the sale, "#2" the customer; anything else stands for itself.
  [[nodiscard]] std::string named(std::string_view word) const {
    const bool is_id = word.size() == 2 && word[0] == '#' && word[1] >= '0' && word[1] < '3';
    return is_id ? ids_[static_cast<size_t>(word[1] - '0')] : std::string(word);
  }

 private:
  doctest::Context context_;
  std::unique_ptr<test::Counter> counter_;
  std::optional<http::Router> router_;
  std::vector<std::string> ids_;
};

std::string path_of(const http::Route& route, std::string_view words, const Premises& premises) {
  std::string path;
  for (std::string_view rest = route.path; !rest.empty();) {
    const size_t open = std::min(rest.find('{'), rest.size());
    path.append(rest.substr(0, open));
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    path += word.empty() ? "-" : http::percent_encode(premises.named(word));
    rest.remove_prefix(rest.find('}') + 1);
  }
  return path;
}

void check_answer(const Response& response, const http::Route& route, std::optional<domain::Role> role) {
  TILL_ASSERT(response.status >= 200 && response.status < 600 && response.status != 500);
  const bool is_json = response.content_type.find("json") != std::string_view::npos;
  const bool is_document = route.name.starts_with("docs.");  // longer than the gate lets in
  if (is_json && !is_document && !response.body.empty()) TILL_ASSERT(parse_json(response.body).ok());
  const bool may = route.needs == 0 || (role && (domain::rights_of(*role) & route.needs) != 0);
  TILL_ASSERT(may || response.status == 401 || response.status == 403 || response.status == 400);
  for (std::string_view lines = response.extra_headers; !lines.empty();) {
    const size_t end = lines.find("\r\n");
    TILL_ASSERT(end != std::string_view::npos);
    const std::string_view line = lines.substr(0, end);
    TILL_ASSERT(line.find(": ") != std::string_view::npos && std::none_of(line.begin(), line.end(), http::is_control));
    lines.remove_prefix(end + 2);
  }
}

}  // namespace

void run(Input in) {
  static Premises premises;
  const http::Route* route = premises.route(in.line());
  const std::string role_name(in.line());
  const auto role = parse_enum<domain::Role>(role_name);
  const std::string_view words = in.line(), query = in.line(), if_match = in.line();
  if (!route) return;
  http::Request target;
  if (http::parse_target(path_of(*route, words, premises) + "?" + std::string(query), target)) return;
  if (!premises.leads_to(*route, target.path)) return;
  test::Ask asked = test::ask(route->method, target.path);
  asked.request.query = std::move(target.query);
  if (!role_name.empty()) asked = std::move(asked).as(role_name);
  if (!if_match.empty()) asked = std::move(asked).with("if-match", std::string(if_match));
  if (route->once != http::Once::no) asked = std::move(asked).with("idempotency-key", "fuzz");
  const Response response = premises.send(std::move(asked).body(std::string(in.text())));
  check_answer(response, *route, role);
}

}  // namespace till::fuzz
