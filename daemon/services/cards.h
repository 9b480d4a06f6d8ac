// The way to a card's money, behind one port. Now there are two ways: none, and a test mode that decides by the payment
// provider's published test tokens without asking anybody, for trying out a shop and for its tests. A real provider
// comes with the rest of money; it answers later than the write that asks, so it will not be this simple.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace till::services {

class Cards {
 public:
  virtual ~Cards() = default;
  /// Takes `amount` minor units from the card behind a token; gives the charge's reference. Errors: declined
  /// (card_declined …), invalid at no pointer for a token that is none, conflict (card_not_set_up).
  virtual Result<std::string> charge(const std::string& token, int64_t amount, const std::string& order) = 0;
  /// Gives some of a charge back; gives the refund's reference.
  virtual Result<std::string> refund(const std::string& charge, int64_t amount) = 0;
};

enum class CardMode : uint8_t { off, test };

std::unique_ptr<Cards> make_cards(CardMode mode);

}  // namespace till::services
