// The verbs that every program of ours has: who may log in, a backup, its document. They ask through the API in the
// operator's name (operator_client.h), also while the program runs. Each returns the process's exit code: 0 fine, 1
// failed; a failure is one line on stderr.
#pragma once

#include <string>

#include "base/json.h"
#include "runtime/operator_client.h"

namespace till::runtime {

struct NewUser {
  std::string email, name, role;
};
/// The password is the first line of standard input.
int user_add(const Entrance& entrance, const NewUser& user);
int user_passwd(const Entrance& entrance, const std::string& email);
int user_list(const Entrance& entrance);
int backup(const Entrance& entrance, const std::string& file);
int openapi(const Entrance& entrance);
int postman(const Entrance& entrance);

// What such verbs are made of.

/// Reaches the program and calls use(client), which gives the exit code.
int with_client(const Entrance& entrance, bool make, const std::function<int(OperatorClient&)>& use);

struct Question {
  http::Method method = http::Method::get;
  std::string target{};  // path with query
  std::string body{};
  std::string content_type = "application/json";
};
/// Asks, and tells a refusal on stderr; the answer's body goes to `body` if wanted.
int ask(const Program& program, OperatorClient& client, const Question& question, std::string* body = nullptr);

/// Calls visit(row) for each row of a list, page by page; false ends it. `target` may have a query.
int for_each_row(const Program& program, OperatorClient& client, const std::string& target,
                 const std::function<bool(const Json&)>& visit);

/// A member of a row as text; empty if it is missing or another type.
const std::string& text_of(const Json& row, const char* key);

}  // namespace till::runtime
