// Values in the dialects' spelling: prices, pieces, roles, states, cards.
#include "api/dialects/forms.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

namespace till::dialects {
namespace {

constexpr Manner kClassic{};
constexpr Manner kV1{.is_v1 = true};
constexpr Manner kTestMode{.takes_cards = true};

Json json(const std::string& text) { return parse_json(text).value(); }

/// The value as the canonical route gets it, as text; the fault's pointer and code if there is one.
std::string read(const Form& form, const std::string& text, const Manner& manner = kClassic) {
  Json ours;
  Faults faults;
  std::string out;
  if (form.read(json(text), ours, "/x", manner, faults)) {
    JsonWriter(out).value(ours);
    return out;
  }
  for (const FieldError& fault : std::move(faults).error().fields) out += fault.pointer + " " + fault.code + ";";
  return out;
}

std::string written(const Form& form, const std::string& text, const Manner& manner = kClassic) {
  std::string out;
  JsonWriter writer(out);
  form.write(json(text), writer, manner);
  return out;
}

}  // namespace

TEST_CASE("a price in major units is the minor units that it looks like") {
  for (const auto& [text, minor] : {std::pair{"199.99", "19999"},
                                    {"0.29", "29"},
                                    {"1.1", "110"},
                                    {"1.10", "110"},
                                    {"12", "1200"},
                                    {"0", "0"},
                                    {"-0.01", "-1"},
                                    {"1e2", "10000"},
                                    {"1.5e-1", "15"},
                                    {"10000000.00", "1000000000"},
                                    {"8.33", "833"},
                                    {"1.005e2", "10050"}}) {
    CAPTURE(text);
    CHECK(read(kMoney, text) == minor);
  }
}

TEST_CASE("a price that money cannot be is refused, never rounded") {
  for (const auto& [text, fault] : {std::pair{"199.999", "/x too_fine;"},
                                    {"0.30000000000000004", "/x too_fine;"},
                                    {"1e-7", "/x too_fine;"},
                                    {"5e-324", "/x too_fine;"},
                                    {"1e300", "/x range;"},
                                    {"9223372036854775807", "/x range;"},
                                    {"\"199.99\"", "/x type;"},
                                    {"true", "/x type;"},
                                    {"[1]", "/x type;"},
                                    {"{}", "/x type;"}}) {
    CAPTURE(text);
    CHECK(read(kMoney, text) == fault);
  }
  CHECK(read(kMoney, "199.9", {.currency_digits = 0}) == "/x too_fine;");
  CHECK(read(kMoney, "199", {.currency_digits = 0}) == "199");
  CHECK(read(kMoney, "1.999", {.currency_digits = 3}) == "1999");
}

TEST_CASE("what is written is read as the same, for any amount and currency") {
  CHECK(rc::check([] {
    const Manner manner{.currency_digits = *rc::gen::element(0, 2, 3)};
    // What a double tells apart with three decimals: far beyond what a price may be.
    const auto minor = *rc::gen::inRange<int64_t>(-1'000'000'000'000'000, 1'000'000'000'000'000);
    const std::string shown = written(kMoney, std::to_string(minor), manner);
    RC_ASSERT(read(kMoney, shown, manner) == std::to_string(minor));
    const double as_a_client_has_it = std::strtod(shown.c_str(), nullptr);
    std::string again;
    JsonWriter(again).value(as_a_client_has_it);
    RC_ASSERT(read(kMoney, again, manner) == std::to_string(minor));
  }));
}

TEST_CASE("prices are written as people write them") {
  CHECK(written(kMoney, "19999") == "199.99");
  CHECK(written(kMoney, "19990") == "199.9");
  CHECK(written(kMoney, "20000") == "200");
  CHECK(written(kMoney, "-5") == "-0.05");
  CHECK(written(kMoney, "199", {.currency_digits = 0}) == "199");
}

TEST_CASE("quantities are whole pieces; what is weighed is shown with its fraction") {
  CHECK(read(kPieces, "3") == "3000");
  CHECK(read(kPieces, "2.0") == "2000");
  CHECK(read(kPieces, "-1") == "-1000");
  CHECK(read(kPieces, "0.5") == "/x too_fine;");
  CHECK(read(kPieces, "9223372036854775807") == "/x range;");
  CHECK(read(kPieces, "1e15") == "/x range;");
  CHECK(read(kPieces, "\"3\"") == "/x type;");
  CHECK(written(kPieces, "3000") == "3");
  CHECK(written(kPieces, "345") == "0.345");
  CHECK(written(kPieces, "-2000") == "-2");
}

TEST_CASE("roles and states go by their older names, in either case; others are left to the canonical route") {
  CHECK(read(kRole, "\"ADMIN\"") == "\"admin\"");
  CHECK(read(kRole, "\"INVENTORY_MANAGER\"") == "\"inventory_manager\"");
  CHECK(read(kRole, "\"user\"") == "\"customer\"");
  CHECK(read(kRole, "\"king\"") == "\"king\"");
  CHECK(read(kRole, "7") == "7");
  CHECK(written(kRole, "\"inventory_manager\"", kV1) == "\"INVENTORY_MANAGER\"");
  CHECK(written(kRole, "\"admin\"") == "\"admin\"");
  CHECK(read(kStatus, "\"shipped\"") == "\"SHIPPED\"");
  CHECK(read(kStatus, "\"canceled\"") == "\"CANCELLED\"");
  CHECK(read(kStatus, "\"Processing\"") == "\"PAID\"");
  CHECK(read(kStatus, "\"lost\"") == "\"LOST\"");
  CHECK(read(kStatus, "1") == "1");
  CHECK(read(kTender, "\"CASH\"") == "\"cash\"");
  CHECK(read(kTender, "\"creditCard\"") == "\"card\"");
}

TEST_CASE("a charge is one payment by card") {
  CHECK(read(kCharge, R"({"amount": 3998, "token": "pm_card_visa"})") ==
        R"([{"method":"card","token":"pm_card_visa","amount":3998}])");
  CHECK(read(kCharge, R"({"amount": 5, "card": {"number": "4242 4242 4242 4242", "cvc": "123"}})", kTestMode) ==
        R"([{"method":"card","token":"pm_card_visa","amount":5}])");
  CHECK(read(kCharge, R"({"amount": 5, "card": {"number": 4000000000000002}})", kTestMode) ==
        R"([{"method":"card","token":"pm_card_chargeDeclined","amount":5}])");
  CHECK(read(kCharge, "7") == "/x type;");
  CHECK(read(kCharge, "{}") == "/x/amount required;/x/card required;");
  CHECK(read(kCharge, R"({"amount": 19.99, "card": {"number": true}})") == "/x/amount type;/x/card/number type;");
}

// D17: not even one that is published enters, unless payments only play.
TEST_CASE("a card's number is refused wherever it is hidden, save the published ones in test mode") {
  constexpr const char* kPublished = R"({"amount": 5, "card": {"number": "4242424242424242"}})";
  CHECK(read(kCharge, kPublished) == "/x/card/number card_number;");
  for (const Manner& manner : {kClassic, kTestMode}) {
    CHECK(read(kCharge, R"({"amount": 5, "card": {"number": "4539578763621486"}})", manner) ==
          "/x/card/number card_number;");
    CHECK(read(kCharge, R"({"amount": 5, "card": "4539-5787-6362-1486"})", manner) == "/x/card card_number;");
    CHECK(read(kCharge, R"({"amount": 5, "token": "4539578763621486"})", manner) == "/x/token card_number;");
    CHECK(read(kCharge, R"({"amount": 5, "token": 4539578763621486})", manner) == "/x/token card_number;");
  }
  Faults faults;
  CHECK_FALSE(read_card(*json(R"({"card": {"number": "4539578763621486"}})").object(), "", kTestMode, faults));
  CHECK(std::move(faults).error().fields[0].detail.find("4539") == std::string::npos);
}

}  // namespace till::dialects
