// Card numbers never enter (D17): free text that holds one is refused before it reaches a row, a log or a wire.
#pragma once

#include <string_view>

namespace till {

/// True if `text` holds 14 to 19 digits in a row (spaces and dashes ignored) that begin with a known issuer prefix and
/// satisfy Luhn. Barcodes, SKUs, ids, phones and tracking numbers are exempt: their fields do not ask.
bool has_card_number(std::string_view text);

}  // namespace till
