#include "runtime/verbs.h"

#include <cstdio>
#include <filesystem>
#include <iostream>

namespace till::runtime {
namespace {

// An answer of the pipeline as an exit code: the problem document's sentences, or nothing.
int report(const Program& program, const OperatorClient::Answer& answer) {
  if (answer.ok()) return 0;
  const auto problem = parse_json(answer.body);
  const std::string& detail = problem ? text_of(*problem, "detail") : answer.body;
  fail(program, {.message = detail.empty() ? answer.body : detail});
  if (const Json* errors = problem ? problem->find("errors") : nullptr; errors && errors->array()) {
    for (const Json& e : *errors->array())
      std::fprintf(stderr, "  %s %s\n", text_of(e, "pointer").c_str(), text_of(e, "detail").c_str());
  }
  return 1;
}

int print(const Entrance& entrance, const char* document) {
  return with_client(entrance, true, [&](OperatorClient& client) {
    std::string body;
    const int code = ask(entrance.program, client, {.target = document}, &body);
    if (code == 0) std::printf("%s\n", body.c_str());
    return code;
  });
}

std::string first_line_of_input() {
  std::string line;
  std::getline(std::cin, line);
  return line;
}

}  // namespace

const std::string& text_of(const Json& row, const char* key) {
  static const std::string none;
  const Json* member = row.find(key);
  return member && member->string() ? *member->string() : none;
}

int with_client(const Entrance& entrance, bool make, const std::function<int(OperatorClient&)>& use) {
  auto client = OperatorClient::reach(entrance, make);
  if (!client) return fail(entrance.program, client.error());
  return use(**client);
}

int ask(const Program& program, OperatorClient& client, const Question& question, std::string* body) {
  auto answer = client.ask(question.method, question.target, question.body, question.content_type);
  if (!answer) return fail(program, answer.error());
  if (body) *body = answer->body;
  return report(program, *answer);
}

int for_each_row(const Program& program, OperatorClient& client, const std::string& target,
                 const std::function<bool(const Json&)>& visit) {
  const std::string first = target + (target.find('?') == std::string::npos ? "?" : "&") + "limit=200";
  std::string cursor;
  for (;;) {
    std::string body;
    if (const int code = ask(program, client, {.target = first + cursor}, &body)) return code;
    const auto page = parse_json(body);
    if (!page || !page->find("items") || !page->find("items")->array())
      return fail(program, {.message = target + ": the answer is no list"});
    for (const Json& row : *page->find("items")->array())
      if (!visit(row)) return 0;
    const std::string& next = text_of(*page, "next");
    if (next.empty()) return 0;
    cursor = "&cursor=" + next;
  }
}

int user_add(const Entrance& entrance, const NewUser& user) {
  const std::string password = first_line_of_input();
  return with_client(entrance, true, [&](OperatorClient& client) {
    std::string body;
    JsonWriter out(body);
    out.begin_object().member("email", user.email).member("role", user.role);
    out.member("name", user.name.empty() ? user.email : user.name).member("password", password).end_object();
    const int code =
        ask(entrance.program, client, {.method = http::Method::post, .target = "/api/v1/users", .body = body});
    if (code == 0) std::printf("added: %s (%s)\n", user.email.c_str(), user.role.c_str());
    return code;
  });
}

int user_passwd(const Entrance& entrance, const std::string& email) {
  const std::string password = first_line_of_input();
  return with_client(entrance, false, [&](OperatorClient& client) {
    std::string id;
    const int code = for_each_row(entrance.program, client, "/api/v1/users", [&](const Json& user) {
      if (text_of(user, "email") == email) id = text_of(user, "id");
      return id.empty();
    });
    if (code != 0) return code;
    if (id.empty()) return fail(entrance.program, {.message = email + ": there is no such user"});
    std::string body;
    JsonWriter(body).begin_object().member("password", password).end_object();
    return ask(entrance.program, client,
               {.method = http::Method::post, .target = "/api/v1/users/" + id + "/password", .body = body});
  });
}

int user_list(const Entrance& entrance) {
  return with_client(entrance, false, [&](OperatorClient& client) {
    return for_each_row(entrance.program, client, "/api/v1/users", [](const Json& user) {
      const Json* active = user.find("active");
      std::printf("%-40s %-18s %s%s\n", text_of(user, "email").c_str(), text_of(user, "role").c_str(),
                  text_of(user, "name").c_str(),
                  active && active->boolean() && !*active->boolean() ? " (inactive)" : "");
      return true;
    });
  });
}

int backup(const Entrance& entrance, const std::string& file) {
  return with_client(entrance, false, [&](OperatorClient& client) {
    const std::string path = std::filesystem::absolute(file).string();
    std::string body;
    JsonWriter(body).begin_object().member("path", path).end_object();
    const int code =
        ask(entrance.program, client, {.method = http::Method::post, .target = "/api/v1/system/backup", .body = body});
    if (code == 0) std::printf("backup: %s\n", path.c_str());
    return code;
  });
}

int openapi(const Entrance& entrance) { return print(entrance, "/api/v1/openapi.json"); }
int postman(const Entrance& entrance) { return print(entrance, "/api/v1/postman.json"); }

}  // namespace till::runtime
