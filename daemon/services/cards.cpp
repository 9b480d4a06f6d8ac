#include "services/cards.h"

#include <array>
#include <utility>

namespace till::services {
namespace {

class NoCards final : public Cards {
 public:
  Result<std::string> charge(const std::string&, int64_t, const std::string&) override { return refusal(); }
  Result<std::string> refund(const std::string&, int64_t) override { return refusal(); }

 private:
  static Error refusal() {
    return {.code = Code::conflict, .message = "Paying by card is not set up here", .reason = "card_not_set_up"};
  }
};

struct TestToken {
  std::string_view token;
  std::string_view reason;  // of the decline; empty: it is captured
  std::string_view sentence;
};

// Source: Stripe's documentation, "Testing": tokens of test cards and what they lead to.
constexpr std::array kTestTokens{
    TestToken{"pm_card_visa", "", ""},
    TestToken{"pm_card_visa_debit", "", ""},
    TestToken{"pm_card_mastercard", "", ""},
    TestToken{"pm_card_mastercard_debit", "", ""},
    TestToken{"pm_card_amex", "", ""},
    TestToken{"pm_card_discover", "", ""},
    TestToken{"pm_card_diners", "", ""},
    TestToken{"pm_card_jcb", "", ""},
    TestToken{"pm_card_unionpay", "", ""},
    TestToken{"tok_visa", "", ""},
    TestToken{"tok_mastercard", "", ""},
    TestToken{"pm_card_chargeDeclined", "card_declined", "The card was declined"},
    TestToken{"pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds", "There is not enough on the card"},
    TestToken{"pm_card_chargeDeclinedLostCard", "card_declined", "The card was declined"},
    TestToken{"pm_card_chargeDeclinedStolenCard", "card_declined", "The card was declined"},
    TestToken{"pm_card_chargeDeclinedExpiredCard", "expired_card", "The card has expired"},
    TestToken{"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "The security code is wrong"},
    TestToken{"pm_card_chargeDeclinedProcessingError", "processing_error", "The card could not be charged; try again"},
};

class TestCards final : public Cards {
 public:
  Result<std::string> charge(const std::string& token, int64_t, const std::string& order) override {
    for (const TestToken& known : kTestTokens) {
      if (known.token != token) continue;
      if (known.reason.empty()) return "test_" + order;
      return Error{.code = Code::declined, .message = std::string(known.sentence), .reason = std::string(known.reason)};
    }
    return Error{.code = Code::declined, .message = "No test card has this token", .reason = "card_declined"};
  }
  Result<std::string> refund(const std::string& charge, int64_t) override { return "refund_" + charge; }
};

}  // namespace

std::unique_ptr<Cards> make_cards(CardMode mode) {
  if (mode == CardMode::test) return std::make_unique<TestCards>();
  return std::make_unique<NoCards>();
}

}  // namespace till::services
