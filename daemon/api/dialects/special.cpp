#include "api/dialects/special.h"

#include "api/dialects/forms.h"

namespace till::dialects {
namespace {

using http::Finish;
using http::Outcome;
using http::Response;
using http::Work;

/// A member of an answer of ours, which has it as a whole number.
int64_t number(const Json& row, std::string_view name) { return *row.find(name)->integer(); }

void replace(Json& row, std::string_view name, int64_t value) {
  for (auto& member : *row.object())
    if (member.first == name) member.second = Json(value);
}

/// Counts the changed product's shelf; gives its row with the stock that there is now.
Result<Response> count(const Interpreter& interpreter, const Speech& speech, Response changed, int64_t pieces) {
  TILL_TRY(Json row, parse_json(changed.body));
  if (number(row, "available") == pieces) return changed;  // the row came back as it was shown
  TILL_TRY(Outcome outcome, interpreter.ask_beside(speech, {{"product_id", *row.find("id")->string()}},
                                                   {{"quantity", Json(pieces)}, {"reason", Json("product edited")}}));
  TILL_TRY(const Response counted, run_whole(std::get<Work>(outcome)));
  TILL_TRY(const Json stock, parse_json(counted.body));
  for (const char* name : {"on_hand", "available"}) replace(row, name, number(stock, name));
  changed.body.clear();
  JsonWriter(changed.body).value(row);
  return changed;
}

}  // namespace

Result<Outcome> change_product(const Interpreter& interpreter, Speech& speech) {
  TILL_TRY(Outcome outcome, interpreter.ask(speech));
  const Json* stock = find(speech.aside, "quantity");
  if (!stock || !stock->integer()) return outcome;
  return Work([&interpreter, &speech, pieces = *stock->integer(),
               work = std::move(std::get<Work>(outcome))]() mutable -> Result<Finish> {
    TILL_TRY(Response changed, run_whole(work));
    TILL_TRY(Response made, count(interpreter, speech, std::move(changed), pieces));
    return Finish([made = std::move(made)]() mutable -> Result<Response> { return std::move(made); });
  });
}

Result<Outcome> pay(const Interpreter& interpreter, Speech& speech) {
  const Json::Object& theirs = *speech.theirs.object();
  const Json* method = find(speech.aside, "method");
  const Json* amount = find(speech.aside, "amount");
  Json::Object payment;
  if (method && method->string() && *method->string() == "cash") {
    Json due = amount ? *amount : Json();
    if (!amount && speech.faults.empty()) {
      TILL_TRY(const Outcome found, interpreter.ask_beside(speech, speech.ours.params, {}));
      TILL_TRY(const Json order, parse_json(std::get<Response>(found).body));
      due = Json(number(order, "total"));
    }
    payment = {{"method", Json("cash")}, {"tendered", std::move(due)}};
  } else if (auto token = read_card(theirs, "", interpreter.manner(), speech.faults)) {
    payment = {{"method", Json("card")}, {"token", Json(std::move(*token))}};
    if (amount) payment.emplace_back("amount", *amount);
  }
  speech.body = {{"payments", Json(Json::Array{Json(std::move(payment))})}};
  return interpreter.ask(speech);
}

}  // namespace till::dialects
