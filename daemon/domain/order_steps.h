// Which way an order may go (20-api, orders). PENDING → PAID is a payment, COMPLETED → VOIDED a void, and both are
// facts of their own (services/selling.h, services/ordering.h); here is what a change of the status may do.
#pragma once

#include "domain/order.h"

namespace till::domain {

enum class StepKind : uint8_t {
  none,    // refused: 409
  status,  // only the status moves on
  cancel,  // goods are released; what was paid goes back
};

/// What it means to bring an order of this fulfilment from one status to another.
StepKind step_of(Fulfilment fulfilment, OrderStatus from, OrderStatus to);

}  // namespace till::domain
