// Card numbers are seen however they are written, and what shops write beside them is not taken for one.
#include "base/card_number.h"

#include <doctest/doctest.h>

#include <string>

using namespace till;

TEST_CASE("published test numbers of each issuer are seen") {
  for (const char* number : {"4111111111111111", "4242424242424242", "5555555555554444", "2223003122003222",
                             "378282246310005", "371449635398431", "6011111111111117", "30569309025904",
                             "38520000023237", "3530111333300000", "6200000000000005", "6759649826438453"})
    CHECK_MESSAGE(has_card_number(number), number);
}

TEST_CASE("spaces, dashes and text around it hide no number") {
  for (const char* text : {"4111 1111 1111 1111", "4111-1111-1111-1111", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
                           "4111 - 1111 - 1111 - 1111", "card 4111111111111111 please", "PAN:4111111111111111.",
                           "12 4111 1111 1111 1111 12/27", "0004111111111111111", "41111111111111110000",
                           "\xc3\xa4"
                           "4111111111111111\xc3\xa4"})
    CHECK_MESSAGE(has_card_number(text), text);
  const std::string zeros(500, '0');
  CHECK(has_card_number(zeros + "4111111111111111" + zeros));
  for (size_t shift = 40; shift < 80; ++shift)  // over the edge of whatever window is looked at
    CHECK(has_card_number(std::string(shift, '0') + "4111111111111111"));
}

TEST_CASE("what is no card number is let through") {
  for (const char* text : {"", "4111", "4111111111111112",                     // Luhn
                           "9111111111111111", "0000000000000000",             // no issuer
                           "4006381333931", "2000000010373", "5901234123457",  // EAN-13
                           "4111 1111 1111", "4111x1111x1111x1111", "4111.1111.1111.1111", "+49 30 901820",
                           "+44 20 7946 0958", "0049 171 1234567",  // phones
                           "2026-01-05 09:41", "A1-K7QD-12", "01890a5d-ac96-774b-bcce-b302099a8057",
                           "WHITE HANGING HEART T-LIGHT HOLDER 85123A"})
    CHECK_MESSAGE(!has_card_number(text), text);
}
