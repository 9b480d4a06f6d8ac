#include "domain/order_steps.h"

namespace till::domain {
namespace {

struct Step {
  Fulfilment fulfilment;
  OrderStatus from, to;
  StepKind kind;
};

// clang-format off
constexpr Step kSteps[] = {
    {Fulfilment::pickup,   OrderStatus::pending, OrderStatus::cancelled, StepKind::cancel},
    {Fulfilment::pickup,   OrderStatus::paid,    OrderStatus::completed, StepKind::status},
    {Fulfilment::pickup,   OrderStatus::paid,    OrderStatus::cancelled, StepKind::cancel},
    {Fulfilment::delivery, OrderStatus::pending, OrderStatus::cancelled, StepKind::cancel},
    {Fulfilment::delivery, OrderStatus::paid,    OrderStatus::shipped,   StepKind::status},
    {Fulfilment::delivery, OrderStatus::paid,    OrderStatus::cancelled, StepKind::cancel},
    {Fulfilment::delivery, OrderStatus::shipped, OrderStatus::delivered, StepKind::status},
};
// clang-format on

}  // namespace

StepKind step_of(Fulfilment fulfilment, OrderStatus from, OrderStatus to) {
  for (const Step& step : kSteps)
    if (step.fulfilment == fulfilment && step.from == from && step.to == to) return step.kind;
  return StepKind::none;
}

}  // namespace till::domain
