#include "api/dialects/interpreter.h"

#include <algorithm>

#include "domain/refusal.h"
#include "http/handler.h"

namespace till::dialects {
namespace {

using http::Finish;
using http::Outcome;
using http::Request;
using http::Response;
using http::Work;

constexpr int64_t kPage = 128;                  // rows of the canonical list at a time
constexpr size_t kMostRows = 1000;              // 20-api, Dialects: the newest
constexpr size_t kMostBytes = size_t{8} << 20;  // of them together: an order may have 2,000 lines

/// An object that came without a body is an empty one: older clients check out by a bare POST.
Result<Json> read_body(const Request& request) {
  if (request.body.empty()) return Json(Json::Object{});
  TILL_TRY(Json json, http::body_json(request));
  if (json.object()) return json;
  return invalid_field("", "type", "must be an object, not " + std::string(json.type_name()));
}

std::string text_of(const Json::Object& members) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  for (const auto& [name, value] : members) out.member(name, value);
  out.end_object();
  return text;
}

/// One page of a canonical list, smaller if it holds more values than the JSON gate lets in: invoices are long.
Result<Json> read_page(const http::Route& list, Request request, const std::string& cursor) {
  if (!cursor.empty()) request.query.emplace_back("cursor", cursor);
  request.query.emplace_back("limit", "");
  for (int64_t limit = kPage;; limit /= 8) {
    request.query.back().second = std::to_string(limit);
    TILL_TRY(Outcome outcome, list.handler(request));
    const auto* page = std::get_if<Response>(&outcome);
    TILL_ASSERT(page != nullptr);
    auto json = parse_json(page->body);
    if (json.ok()) return json;
    if (limit < 8) return Error{.code = Code::internal, .message = "a list is no JSON: " + json.error().message};
  }
}

}  // namespace

Result<Response> run_whole(Work& work) {
  TILL_TRY(Finish finish, work());
  return finish();
}

/// The name is "classic.get.products.id": for metrics, and for the documents, which group by the first word.
Interpreter::Interpreter(Line line, http::Route canonical, std::optional<http::Route> beside, Manner manner)
    : line_(std::move(line)),
      path_(std::string(manner.is_v1 ? "/v1" : "").append(line_.path)),
      name_(manner.is_v1 ? "v1." : "classic."),
      canonical_(std::move(canonical)),
      beside_(std::move(beside)),
      manner_(manner) {
  for (const char c : to_string(line_.method)) name_ += static_cast<char>(c | 0x20);
  for (const char c : line_.path)
    if (c != '{' && c != '}') name_ += c == '/' ? '.' : c;
}

http::Route Interpreter::route(std::shared_ptr<const Interpreter> interpreter) {
  const Line& line = interpreter->line_;
  http::Route made = interpreter->canonical_;
  made.method = line.method;
  made.path = interpreter->path_;
  made.name = interpreter->name_;
  if (line.role) made.role = to_string(*line.role), made.needs = domain::right(*line.role);
  if (line.is_list) made.lane = http::Lane::slow;
  if (made.once != http::Once::no) made.once = http::Once::optional;
  made.versioned = false;  // what it says of If-Match is that it must be there
  made.body = made.answer = nullptr;
  made.query.clear();
  made.dialect = true;
  if (interpreter->manner_.is_v1) made.problem_status_member = "statusCode";
  made.ok_status = interpreter->status_of(made.ok_status);
  made.handler = [interpreter](Request& request) { return handle(interpreter, request); };
  return made;
}

Result<Outcome> Interpreter::handle(const std::shared_ptr<const Interpreter>& self, const Request& request) {
  TILL_TRY(std::unique_ptr<Speech> speech, self->read(request));
  if (self->line_.is_list) {
    TILL_TRY(Response rows, self->list(*speech));
    return rows;
  }
  TILL_TRY(Outcome outcome, self->line_.ask ? self->line_.ask(*self, *speech) : self->ask(*speech));
  if (auto* response = std::get_if<Response>(&outcome)) {
    TILL_TRY(Response row, self->answer(std::move(*response), speech->theirs));
    return row;
  }
  // The request stays as long as the work that was made of it.
  return Work([self, work = std::move(std::get<Work>(outcome)),
               speech = std::shared_ptr<Speech>(std::move(speech))]() mutable -> Result<Finish> {
    auto finish = work();
    if (!finish.ok()) return self->refusal(std::move(finish).error(), speech->theirs);
    return Finish(
        [self, speech, finish = std::move(*finish)]() mutable { return self->answer(finish(), speech->theirs); });
  });
}

Result<std::unique_ptr<Speech>> Interpreter::read(const Request& request) const {
  auto speech = std::make_unique<Speech>();
  TILL_TRY(speech->theirs, read_body(request));
  Request& ours = speech->ours;
  ours = request;
  ours.method = canonical_.method;
  ours.body.clear();
  ours.once.reset();  // the pipeline keeps the answer as it is given here
  ours.query = line_.query;
  Members members = read_members(*speech->theirs.object(), line_.takes, manner_, "", speech->faults);
  read_path(*speech, request, members.path);
  TILL_CHECK(read_version(*speech, request));
  for (const auto& [name, value] : line_.given)
    if (!find(members.body, name)) members.body.emplace_back(name, Json(value));
  if (!line_.numbered.empty() && !find(members.body, line_.numbered))
    members.body.emplace_back(line_.numbered, Json(to_string(manner_.ids->next())));
  speech->body = std::move(members.body);
  speech->aside = std::move(members.aside);
  return speech;
}

/// A parameter that the canonical path has and this one has not comes out of the body.
void Interpreter::read_path(Speech& speech, const Request& request, const Json::Object& in_body) const {
  speech.ours.params.clear();
  for (const auto& [name, value] : request.params) {
    const bool is_theirs = canonical_.path.find("{" + name + "}") == std::string_view::npos;
    (is_theirs ? speech.ours.query : speech.ours.params).emplace_back(name, value);
  }
  for (const Key& key : line_.takes) {
    if (key.place != Place::path || Request::find(speech.ours.params, key.ours)) continue;
    const Json* value = find(in_body, key.ours);
    const std::string pointer = "/" + std::string(key.theirs);
    if (!value) speech.faults.add(pointer, "required", "is missing");
    if (value && !value->string()) speech.faults.add(pointer, "type", "must be an id");
    speech.ours.params.emplace_back(key.ours, value && value->string() ? *value->string() : "");
  }
}

/// Older clients need not know versions; those that send one mean it.
Status Interpreter::read_version(Speech& speech, const Request& request) const {
  if (!canonical_.versioned) return {};
  TILL_TRY(const auto in_body, http::take_version(speech.theirs));
  speech.ours.if_match = domain::kAnyVersion;
  if (!request.if_match && !in_body) return {};
  TILL_TRY(speech.ours.if_match, http::expected_version(request, in_body));
  return {};
}

Result<Outcome> Interpreter::ask(Speech& speech) const {
  speech.ours.body = canonical_.body ? text_of(speech.body) : "";
  auto outcome = canonical_.handler(speech.ours);
  if (outcome.ok() && speech.faults.empty()) return outcome;
  Error found = outcome.ok() ? Error{} : refusal(std::move(outcome).error(), speech.theirs);
  if (speech.faults.empty()) return found;
  Error error = std::move(speech.faults).error();
  for (FieldError& more : found.fields) {  // of what could not be translated the route can only say that it is wrong
    const bool told = std::any_of(error.fields.begin(), error.fields.end(), [&](const FieldError& field) {
      return field.pointer == more.pointer || field.pointer.starts_with(more.pointer + "/");
    });
    if (!told) error.fields.push_back(std::move(more));
  }
  return error;
}

Result<Outcome> Interpreter::ask_beside(const Speech& speech, http::Pairs params, const Json::Object& body) const {
  Request request = speech.ours;
  request.method = beside_->method;
  request.params = std::move(params);
  request.query.clear();
  request.if_match.reset();
  request.body = beside_->body ? text_of(body) : "";
  return beside_->handler(request);
}

Result<Response> Interpreter::list(const Speech& speech) const {
  std::string data, cursor;
  JsonWriter out(data);
  out.begin_array();
  size_t rows = 0;
  do {
    TILL_TRY(const Json page, read_page(canonical_, speech.ours, cursor));
    for (const Json& item : *page.find("items")->array()) {
      if (rows == kMostRows || data.size() > kMostBytes) break;
      write_row(item, line_.gives, manner_, out);
      ++rows;
    }
    const std::string* next = page.find("next")->string();
    cursor = next ? *next : "";
  } while (!cursor.empty() && rows < kMostRows && data.size() <= kMostBytes);
  out.end_array();
  return wrapped({}, data);
}

Result<Response> Interpreter::answer(Result<Response> ours, const Json& theirs) const {
  if (!ours.ok()) return refusal(std::move(ours).error(), theirs);
  if (ours->body.empty()) return wrapped(std::move(*ours), "");
  auto row = parse_json(ours->body);
  if (!row.ok()) return Error{.code = Code::internal, .message = "an answer is no JSON: " + row.error().message};
  std::string data;
  JsonWriter out(data);
  write_row(*row, line_.gives, manner_, out);
  return wrapped(std::move(*ours), data);
}

/// Pointers name the members that the client knows, and the row as it is now has its shape.
Error Interpreter::refusal(Error ours, const Json& theirs) const {
  for (FieldError& field : ours.fields) field.pointer = their_pointer(field.pointer, line_.takes, &theirs);
  if (ours.current.empty()) return ours;
  auto row = parse_json(ours.current);
  ours.current.clear();
  if (!row.ok()) return ours;
  JsonWriter out(ours.current);
  write_row(*row, line_.gives, manner_, out);
  return ours;
}

int Interpreter::status_of(int ours) const {
  if (manner_.is_v1) return line_.method == http::Method::post ? 201 : 200;
  return ours == 204 ? 200 : ours;  // a body says that it was done
}

/// `data` empty: there is nothing to show but that it was done.
Response Interpreter::wrapped(Response made, std::string_view data) const {
  made.status = status_of(made.status);
  made.body.clear();
  JsonWriter out(made.body);
  if (manner_.is_v1) {
    out.begin_object().member("statusCode", made.status).member("message", line_.message).key("data");
    out.raw(data.empty() ? "null" : data).end_object();
  } else if (data.empty()) {
    out.begin_object().member("message", line_.message).end_object();
  } else {
    out.raw(data);
  }
  return made;
}

}  // namespace till::dialects
