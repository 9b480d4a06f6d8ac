// Makes a route of a dialect out of a line of its table and the canonical route that the line names: the request is
// put into canonical words, the canonical handler does what it does, and answer or error is put into the dialect's.
// Handlers run where the canonical one runs (lists on the slow lane); an answer behind a write is translated where the
// canonical one is made, after the commit. It holds no rule of the shop.
#pragma once

#include <memory>

#include "api/dialects/line.h"

namespace till::dialects {

/// A request in both languages.
struct Speech {
  Json theirs{Json::Object{}};  // the body that came
  http::Request ours;           // without its body
  Json::Object body;            // of `ours`
  Json::Object aside;           // members for the line's own code
  Faults faults;                // what could not be translated
};

class Interpreter {
 public:
  /// Both canonical routes are copied: their handlers hold what they need.
  Interpreter(Line line, http::Route canonical, std::optional<http::Route> beside, Manner manner);

  /// The line as a route of the table. Path and name live as long as its handler.
  static http::Route route(std::shared_ptr<const Interpreter> interpreter);

  // For a line's own code (special.h), in canonical words.

  /// Asks the canonical route. Faults of the translation and those that the route found are one Error, in the words of
  /// the client; errors of a work are translated when it ran.
  Result<http::Outcome> ask(Speech& speech) const;
  /// Asks the second one, for the caller of `speech`. Its errors are in canonical words.
  Result<http::Outcome> ask_beside(const Speech& speech, http::Pairs params, const Json::Object& body) const;
  [[nodiscard]] const Manner& manner() const { return manner_; }

 private:
  static Result<http::Outcome> handle(const std::shared_ptr<const Interpreter>& self, const http::Request& request);

  Result<std::unique_ptr<Speech>> read(const http::Request& request) const;
  Status read_version(Speech& speech, const http::Request& request) const;
  void read_path(Speech& speech, const http::Request& request, const Json::Object& in_body) const;
  Result<http::Response> list(const Speech& speech) const;
  Result<http::Response> answer(Result<http::Response> ours, const Json& theirs) const;
  Error refusal(Error ours, const Json& theirs) const;
  int status_of(int ours) const;
  http::Response wrapped(http::Response made, std::string_view data) const;

  const Line line_;
  const std::string path_;
  std::string name_;
  const http::Route canonical_;
  const std::optional<http::Route> beside_;
  const Manner manner_;
};

/// Runs a work to its answer, inside the write that it is a part of.
Result<http::Response> run_whole(http::Work& work);

}  // namespace till::dialects
