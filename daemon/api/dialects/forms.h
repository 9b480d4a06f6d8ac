// How single values are spelled in the dialects: prices in major units, whole pieces, roles and states by their older
// names, cards. Pure; used through lists of keys (keys.h).
// A number with more decimals than money has is refused, never rounded; a card's number is refused (D17), save the ones
// that are published for tests while payments run in test mode.
#pragma once

#include "api/dialects/keys.h"

namespace till::dialects {

/// 199.99 ↔ 19999 minor units, exactly: the shortest decimal that reads back as the number sent is what was meant.
extern const Form kMoney;
/// 3 ↔ 3000 thousandths. What is weighed is shown with its fraction (0.345); whole pieces are taken.
extern const Form kPieces;
/// "customer", also known as "user", in either case; v1 shows CUSTOMER.
extern const Form kRole;
/// The states of an order in either case, and some by other names ("canceled", "processing").
extern const Form kStatus;
/// "cash", in either case; anything else is by card.
extern const Form kTender;
/// {amount, card | token} → a list of one payment by card. The amount is in minor units already.
extern const Form kCharge;

/// The provider's token in {token} or {card: {number}}, nullopt if neither is there or it was refused with a fault.
std::optional<std::string> read_card(const Json::Object& paid_by, const std::string& pointer, const Manner& manner,
                                     Faults& faults);

}  // namespace till::dialects
