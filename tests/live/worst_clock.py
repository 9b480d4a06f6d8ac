#!/usr/bin/env python3
"""A clock without a battery, or with a drunk hand on it: a till that wakes up in 1970, works through 2038 and 2099 and
is set back in the middle of the shift. It logs in and sells at every time; nothing is lost, stuck or out of order.

The clock is machine.c's: the daemon alone sees it, and time goes on at its usual pace.
"""
import sys
import time

import machine
import store_day
import till

PRICE = 1_250
SETTINGS = till.CONFIG | {"limits.public_per_s": 0, "limits.strict_per_min": 0}
TEA = {"name": "Tea", "sku": "TEA", "price": PRICE, "currency": "GBP", "tax_class": "standard", "unit": "piece",
       "stock": 1_000_000}
TIMES = (
    ("1970, as without a battery", (1970, 1, 1, 0, 5)),
    ("today", (2027, 3, 5, 9)),
    ("the last second of a 32-bit clock", (2038, 1, 19, 3, 14, 6)),
    ("back by twelve years", (2027, 3, 5, 10)),
    ("2099", (2099, 12, 31, 23, 59, 58)),
    ("back to 1970", (1970, 1, 1, 0, 0, 1)),
    ("today again", (2027, 3, 5, 11)),
)


def sale(pieces=1):
    return {"fulfilment": "counter", "lines": [{"sku": "TEA", "quantity": pieces * 1000}],
            "payments": [{"method": "cash", "tendered": pieces * PRICE}]}


class Shift:
    """What the cashier did, and was answered, in this order."""

    def __init__(self, report, house):
        self.report, self.house, self.orders, self.first, self.back = report, house, [], None, 0
        self.sale_of_first = self.product = self.version = None

    def work(self, what, number):
        """Logs in, sells three times, takes one sale back, asks again for the first sale since the start."""
        shop = self.house.login()
        made = [shop.call("POST", "/api/v1/orders", sale(), key=f"{number}-{n}") for n in range(3)]
        self.report.equal(f"{what}: sells", [201] * 3, [answer.status for answer in made])
        if self.first is None:
            self.first, self.sale_of_first = f"{number}-0", made[0].json["id"]
        body = {"lines": [{"line_id": made[1].json["lines"][0]["id"], "quantity": 1000, "restock": True}],
                "reason": "changed my mind", "refund": {"method": "cash"}}
        back = shop.call("POST", f"/api/v1/orders/{made[1].json['id']}/returns", body, key=f"{number}-back")
        self.report.equal("  takes back", 201, back.status)
        self.orders += [answer.json for answer in [*made, back]]
        self.back += 1
        again = shop.call("POST", "/api/v1/orders", sale(), key=self.first)
        self.report.equal("  the first sale's key: the same sale", (201, self.sale_of_first),
                          (again.status, again.json.get("id")))
        renamed = shop.call("PATCH", f"/api/v1/products/{self.product}", {"description": what},
                            headers={"If-Match": f'"{self.version}"'})
        self.report.equal("  a product is changed", 200, renamed.status)
        self.version = renamed.json["version"]
        return shop

    def begin(self):
        shop = self.house.open_with_manager()
        made = shop.must(201, "POST", "/api/v1/products", TEA)
        self.product, self.version = made["id"], made["version"]


def check_books(report, house, shift):
    shop = house.login()
    listed = list(shop.pages("/api/v1/orders"))
    report.equal("all orders are there, once", sorted(o["id"] for o in shift.orders), sorted(o["id"] for o in listed))
    store_day.check_numbers(report, listed)
    numbers = [int(o["receipt_number"].rpartition("-")[2]) for o in shift.orders]
    report.equal("receipts in the order in which they were made", sorted(numbers), numbers)
    stock = shop.must(200, "GET", f"/api/v1/inventory/{shift.product}")["on_hand"]
    report.equal("the shelf", TEA["stock"] - 1000 * (len(shift.orders) - 2 * shift.back), stock)
    store_day.check_chain(house, shop, report, len(listed))


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, SETTINGS) as house:
        turned = machine.Machine(house)
        turned.set_clock(*TIMES[0][1])
        shift = Shift(report, house)
        shift.begin()
        for number, (what, at) in enumerate(TIMES):
            turned.set_clock(*at)
            shop = shift.work(what, number)
            if at[0] in (2038, 2099):
                time.sleep(2.5)  # into the next second, the next century
                report.equal("  and a moment later", 200, shop.get("/api/v1/orders?limit=1").status)
            doctor = house.cli("doctor", check=False)
            wrong = at[0] in (1970, 2099)
            report.check("  the doctor on that", ("WRONG the clock shows" in doctor.stdout) == wrong,
                         "WRONG" if wrong else "nothing wrong with the clock", doctor.stdout)
        check_books(report, house, shift)
        report.equal("stop: exit code", 0, house.stop())
        for what, at in TIMES[4:6]:  # and a restart at the ends of time
            turned.set_clock(*at)
            house.start()
            shift.first = None
            shift.work(f"started in {at[0]}", f"restart-{at[0]}")
            report.equal("stop: exit code", 0, house.stop())
        house.start()
        check_books(report, house, shift)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
