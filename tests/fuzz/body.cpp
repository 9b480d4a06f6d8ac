// Every body that the routes of shop and hub take, read by its own field list as a new row and as a change. What is
// accepted reads back the same from its own JSON, and refusals fit into an answer.
//
//   input = u8 which row | u8 a change (1), with If-Match (2) | JSON
#include <tuple>

#include "access/bodies.h"
#include "base/fields.h"
#include "domain/address.h"
#include "domain/cart.h"
#include "domain/order.h"
#include "domain/product.h"
#include "domain/reservation.h"
#include "domain/shipment.h"
#include "domain/stock.h"
#include "domain/till.h"
#include "domain/user.h"
#include "fuzz/fuzz.h"
#include "http/handler.h"
#include "http/problem.h"

namespace till::fuzz {
namespace {

// A route's new body is a line here; append only, for the numbers stand in the corpus.
using Rows =
    std::tuple<access::Credentials, access::NewPassword, access::NewPin, access::NewUser, access::OwnPassword,
               access::PairRequest, access::PasswordChange, access::PinLogin, access::Profile, access::RefreshRequest,
               access::ResetRequest, access::ResetWish, access::SignUp, domain::Address, domain::BlindReturnDraft,
               domain::Cancellation, domain::CartAddition, domain::CartName, domain::CartQuantity, domain::Category,
               domain::OrderDraft, domain::OrderPayment, domain::Product, domain::ReservationDraft,
               domain::ReservationRelease, domain::ReturnDraft, domain::Shipment, domain::StatusChange,
               domain::StockChange, domain::Till, domain::User, domain::VoidDraft>;

void check_refusal(const Error& error, const http::Request& request) {
  TILL_ASSERT(error.code == Code::invalid || error.code == Code::required);
  TILL_ASSERT(error.fields.size() <= 100);
  const http::Response response = http::problem(error, "request-1");
  TILL_ASSERT(response.status == 400 || response.status == 422 || response.status == 428);
  TILL_ASSERT(parse_json(response.body).ok());
  // Pointers repeat keys of the body, each once, and an answer escapes them; more would be a lever.
  TILL_ASSERT(response.body.size() < 64 * 1024 + 8 * request.body.size());
}

/// The members that were given, as the row writes them.
template <Described Row>
std::string given_members(const Row& row, const FieldMask& given) {
  std::string text;
  JsonWriter out(text);
  http::write_members(out, row, given);
  return text;
}

template <Described Row>
void read_new(const http::Request& request) {
  const auto json = http::body_json(request);
  Row row;
  FieldMask given;
  Faults faults;
  if (!json.ok()) return check_refusal(json.error(), request);
  const bool fine = read_row(*json, row, true, given, "", faults);
  TILL_ASSERT(fine == faults.empty());
  const auto whole = http::body<Row>(request);
  TILL_ASSERT(whole.ok() == fine);
  if (!fine) return check_refusal(whole.error(), request);
  TILL_ASSERT(parse_json(to_json(row)).ok());
  const std::string text = given_members(row, given);
  const auto again = row_from_json<Row>(*parse_json(text));
  TILL_ASSERT(again.ok() && given_members(*again, given) == text);
}

template <Described Row>
void read_change(const http::Request& request) {
  const auto change = http::change<Row>(request);
  if (!change.ok()) return check_refusal(change.error(), request);
  TILL_ASSERT(change->version >= 0);
  Row row;
  change->patch.apply(row);
  const std::string text = given_members(row, change->patch.given);
  const auto again = patch_from_json<Row>(*parse_json(text));
  TILL_ASSERT(again.ok() && again->given == change->patch.given);
  TILL_ASSERT(given_members(again->values, again->given) == text);
}

}  // namespace

void run(Input in) {
  const size_t which = in.below(std::tuple_size_v<Rows>);
  const uint8_t bits = in.byte();
  const bool is_change = (bits & 1) != 0;
  http::Request request;
  if ((bits & 2) != 0) request.if_match = 3;
  request.body = in.text();
  [&]<size_t... I>(std::index_sequence<I...>) {
    auto read = [&]<class Row>(Row*) { is_change ? read_change<Row>(request) : read_new<Row>(request); };
    ((I == which ? read(static_cast<std::tuple_element_t<I, Rows>*>(nullptr)) : void()), ...);
  }
  (std::make_index_sequence<std::tuple_size_v<Rows>>{});
}

}  // namespace till::fuzz
