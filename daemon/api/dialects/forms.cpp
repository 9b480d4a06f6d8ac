#include "api/dialects/forms.h"

#include <algorithm>
#include <charconv>

#include "domain/decimal.h"
#include "domain/money.h"

namespace till::dialects {
namespace {

constexpr int64_t kMostPieces = 1'000'000'000'000;  // far more than any field takes, and its thousandths are an int64

/// Stripe's published test numbers and the test tokens that mean the same card (docs.stripe.com/testing).
constexpr std::pair<std::string_view, std::string_view> kTestCards[] = {
    {"4242424242424242", "pm_card_visa"},
    {"4000056655665556", "pm_card_visa_debit"},
    {"5555555555554444", "pm_card_mastercard"},
    {"5200828282828210", "pm_card_mastercard_debit"},
    {"378282246310005", "pm_card_amex"},
    {"6011111111111117", "pm_card_discover"},
    {"3056930009020004", "pm_card_diners"},
    {"3566002020360505", "pm_card_jcb"},
    {"6200000000000005", "pm_card_unionpay"},
    {"4000000000000002", "pm_card_chargeDeclined"},
    {"4000000000009995", "pm_card_chargeDeclinedInsufficientFunds"},
    {"4000000000009987", "pm_card_chargeDeclinedLostCard"},
    {"4000000000009979", "pm_card_chargeDeclinedStolenCard"},
    {"4000000000000069", "pm_card_chargeDeclinedExpiredCard"},
    {"4000000000000127", "pm_card_chargeDeclinedIncorrectCvc"},
    {"4000000000000119", "pm_card_chargeDeclinedProcessingError"},
};

std::string with_case(std::string text, char from, char to) {
  for (char& c : text)
    if (c >= from && c <= from + 25) c = static_cast<char>(c - from + to);
  return text;
}
std::string lower(std::string text) { return with_case(std::move(text), 'A', 'a'); }
std::string upper(std::string text) { return with_case(std::move(text), 'a', 'A'); }

/// A number as its shortest decimal, without an exponent; nullopt: it is none.
std::optional<std::string> decimal_of(const Json& json) {
  if (json.integer()) return std::to_string(*json.integer());
  if (!json.real()) return std::nullopt;
  char digits[512];  // the smallest double has 326
  const auto end = std::to_chars(std::begin(digits), std::end(digits), *json.real(), std::chars_format::fixed).ptr;
  return std::string(digits, end);
}

bool read_number(const Json& theirs, int digits, int64_t& value, const std::string& pointer, Faults& faults) {
  const auto text = decimal_of(theirs);
  if (!text) return faults.add(pointer, "type", "must be a number, not " + std::string(theirs.type_name())), false;
  const auto read = domain::parse_decimal(*text, digits);
  if (!read.ok()) return faults.add(pointer, read.error().reason, read.error().message), false;
  value = *read;
  return true;
}

bool read_money(const Json& theirs, Json& ours, const std::string& pointer, const Manner& manner, Faults& faults) {
  int64_t minor = 0;
  if (!read_number(theirs, manner.currency_digits, minor, pointer, faults)) return false;
  ours = Json(minor);
  return true;
}

void write_money(const Json& ours, JsonWriter& out, const Manner& manner) {
  out.raw(domain::to_decimal(*ours.integer(), manner.currency_digits, 0));
}

bool read_pieces(const Json& theirs, Json& ours, const std::string& pointer, const Manner&, Faults& faults) {
  int64_t pieces = 0;
  if (!read_number(theirs, 0, pieces, pointer, faults)) return false;
  if (pieces < -kMostPieces || pieces > kMostPieces) return faults.add(pointer, "range", "is too large"), false;
  ours = Json(pieces * domain::kQuantityOne);
  return true;
}

void write_pieces(const Json& ours, JsonWriter& out, const Manner&) {
  out.raw(domain::to_decimal(*ours.integer(), domain::kQuantityDigits, 0));
}

// What is no known name crosses as it is: the canonical route says which there are.
bool read_role(const Json& theirs, Json& ours, const std::string&, const Manner&, Faults&) {
  ours = theirs;
  if (const std::string* name = theirs.string()) ours = Json(lower(*name) == "user" ? "customer" : lower(*name));
  return true;
}

void write_role(const Json& ours, JsonWriter& out, const Manner& manner) {
  out.value(manner.is_v1 ? upper(*ours.string()) : *ours.string());
}

bool read_status(const Json& theirs, Json& ours, const std::string&, const Manner&, Faults&) {
  constexpr std::pair<std::string_view, std::string_view> kOthers[] = {
      {"CANCELED", "CANCELLED"}, {"PROCESSING", "PAID"}, {"CONFIRMED", "PAID"}};
  ours = theirs;
  if (!theirs.string()) return true;
  std::string name = upper(*theirs.string());
  for (const auto& [other, known] : kOthers)
    if (name == other) name = known;
  ours = Json(std::move(name));
  return true;
}

bool read_tender(const Json& theirs, Json& ours, const std::string&, const Manner&, Faults&) {
  ours = Json(theirs.string() && lower(*theirs.string()) == "cash" ? "cash" : "card");
  return true;
}

void write_as_it_is(const Json& ours, JsonWriter& out, const Manner&) { out.value(ours); }

bool read_charge(const Json& theirs, Json& ours, const std::string& pointer, const Manner& manner, Faults& faults) {
  const Json::Object* charge = theirs.object();
  if (!charge) return faults.add(pointer, "type", "must be an object, not " + std::string(theirs.type_name())), false;
  const Json* amount = find(*charge, "amount");
  const bool counts = amount && amount->integer();
  if (!counts) faults.add(pointer + "/amount", amount ? "type" : "required", "must be a whole number of minor units");
  auto token = read_card(*charge, pointer, manner, faults);
  if (!token || !counts) return false;
  Json::Object payment{{"method", Json("card")}, {"token", Json(std::move(*token))}, {"amount", *amount}};
  ours = Json(Json::Array{Json(std::move(payment))});
  return true;
}

/// A card's number without the blanks and dashes that people type; empty: it is neither text nor number.
std::string digits_of(const Json& number) {
  if (number.integer()) return std::to_string(*number.integer());
  std::string digits;
  if (const std::string* typed = number.string())
    std::copy_if(typed->begin(), typed->end(), std::back_inserter(digits), [](char c) { return c != ' ' && c != '-'; });
  return digits;
}

}  // namespace

const Form kMoney{read_money, write_money};
const Form kPieces{read_pieces, write_pieces};
const Form kRole{read_role, write_role};
const Form kStatus{read_status, write_as_it_is};
const Form kTender{read_tender, write_as_it_is};
const Form kCharge{read_charge, write_as_it_is};

std::optional<std::string> read_card(const Json::Object& paid_by, const std::string& pointer, const Manner& manner,
                                     Faults& faults) {
  const Json* token = find(paid_by, "token");
  if (token && token->string() && !has_card_number(*token->string())) return *token->string();
  const Json* card = find(paid_by, "card");
  const Json* number = token ? token : card && card->object() ? card->find("number") : card;
  std::string where = pointer + (token ? "/token" : card && card->object() ? "/card/number" : "/card");
  const std::string digits = number ? digits_of(*number) : "";
  if (digits.empty())
    return faults.add(where, number ? "type" : "required", "must be the payment provider's token"), std::nullopt;
  for (const auto& [known, meant] : kTestCards)
    if (manner.takes_cards && digits == known) return std::string(meant);
  faults.add(where, "card_number", "card numbers are not taken here; send the payment provider's token of the card");
  return std::nullopt;
}

}  // namespace till::dialects
