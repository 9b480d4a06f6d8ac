#!/usr/bin/env python3
"""Many at once for what there is only once: the last piece, a cart, an unpaid order, a version.

32 clients want the same at the same moment, over the counter and from home; one gets it and the others are told so.
Reservation, sale and expiry meet over one piece. In the end each product's book is what its orders made of it.
"""
import collections
import sys
import threading
import time

import races
import till

CLIENTS, ROUNDS = 32, 3
PRICE = 1_250
EXPIRY_MIN = 1  # the shortest there is: how long the goods of an unpaid order are held back
SETTINGS = till.CONFIG | {"payments.mode": "test", "orders.reserved_min": EXPIRY_MIN, "orders.most_unpaid": 10_000,
                          "limits.customer_per_s": 0, "limits.public_per_s": 0, "limits.strict_per_min": 0}
CASH = {"payments": [{"method": "cash", "tendered": PRICE}]}
CARD = {"payments": [{"method": "card", "token": "pm_card_visa"}]}


class Shop:
    """A running tilld, its manager, one customer, and CLIENTS connections of each."""

    def __init__(self, house):
        self.house = house
        self.manager = house.open_with_manager()
        self.clerks = [house.client() for _ in range(CLIENTS)]
        body = {"email": "ann@shop.test", "name": "Ann", "password": till.PASSWORD}
        token = self.manager.must(201, "POST", "/api/v1/auth/register", body)["access_token"]
        self.guests = [till.Client(house.port, token) for _ in range(CLIENTS)]
        self.guest, self.products, self.keys = self.guests[0], [], 0

    def key(self):
        self.keys += 1
        return f"key-{self.keys}"

    def product(self, pieces=1):
        """One that is never sold beyond what there is."""
        sku = f"LAST-{len(self.products)}"
        body = {"name": sku, "sku": sku, "price": PRICE, "currency": "GBP", "tax_class": "standard", "unit": "piece",
                "stock": pieces * 1000, "stock_policy": "block"}
        made = self.manager.must(201, "POST", "/api/v1/products", body)["id"]
        self.products.append((made, pieces))
        return made

    def stock(self, product):
        return self.manager.must(200, "GET", f"/api/v1/inventory/{product}")

    def place(self, product, **change):
        body = {"fulfilment": "pickup", "lines": [{"product_id": product, "quantity": 1000}]} | change
        return self.guest.must(201, "POST", "/api/v1/orders", body, key=self.key())

    def cart_of(self, product, pieces=1):
        """The guest's cart with nothing but this in it."""
        cart = self.guest.must(200, "GET", "/api/v1/cart")
        if cart["lines"]:
            self.guest.must(200, "DELETE", "/api/v1/cart", headers={"If-Match": f'"{cart["version"]}"'})
        line = {"product_id": product, "quantity": pieces * 1000}
        return self.guest.must(200, "POST", "/api/v1/cart/lines", line)

    def order(self, order):
        return self.manager.must(200, "GET", f"/api/v1/orders/{order['id']}")

    def all_at_once(self, clients, method, path, body=None, keyed=True, **more):
        """One request by all of them at once, each with a key of its own. `body` may be a function of the place."""
        made = [(client, body(i) if callable(body) else body, self.key() if keyed else None)
                for i, client in enumerate(clients)]
        return races.at_once([lambda c=c, b=b, k=k: c.call(method, f"/api/v1{path}", b, key=k, **more)
                              for c, b, k in made])


def line(product):
    return [{"product_id": product, "quantity": 1000}]


def race_for_the_last_piece(report, shop):
    for n in range(ROUNDS):
        product = shop.product()
        answers = shop.all_at_once(shop.clerks, "POST", "/orders",
                                   {"fulfilment": "counter", "lines": line(product)} | CASH)
        races.one_of_all(report, f"{CLIENTS} sales of the last piece, round {n + 1}", answers, 201, 409)
        product = shop.product()
        answers = shop.all_at_once(shop.guests, "POST", "/orders", {"fulfilment": "pickup", "lines": line(product)})
        races.one_of_all(report, f"{CLIENTS} orders of the last piece, round {n + 1}", answers, 201, 409)
        report.equal("  it is held back, and still there", (1000, 1000, 0),
                     tuple(shop.stock(product)[name] for name in ("on_hand", "reserved", "available")))


def race_over_the_counter_and_from_home(report, shop):
    for n in range(ROUNDS):
        product = shop.product()
        sale = {"fulfilment": "counter", "lines": line(product)} | CASH
        order = {"fulfilment": "pickup", "lines": line(product)}
        mixed = [c for pair in zip(shop.clerks, shop.guests) for c in pair][:CLIENTS]
        answers = shop.all_at_once(mixed, "POST", "/orders", lambda i, ways=(sale, order): ways[i % 2])
        winner, _ = races.one_of_all(report, f"the last piece, over the counter or from home, round {n + 1}", answers,
                                     201, 409)
        held = 1000 if winner and winner.json["status"] == "PENDING" else 0
        report.equal("  sold or held back, not both", (held, held, 0),
                     tuple(shop.stock(product)[name] for name in ("on_hand", "reserved", "available")))


def race_for_a_cart(report, shop):
    product = shop.product(pieces=100)
    for n in range(ROUNDS):
        cart = shop.cart_of(product, 2)
        answers = shop.all_at_once(shop.guests, "POST", "/orders", {"fulfilment": "pickup"})
        winner, _ = races.one_of_all(report, f"{CLIENTS} check-outs of one cart, round {n + 1}", answers, 201, 409)
        report.equal("  it is empty, the order has it all", ([], 2000),
                     (shop.guest.must(200, "GET", "/api/v1/cart")["lines"],
                      winner and sum(row["quantity"] for row in winner.json["lines"])))
        report.equal("  held back once", 2000 * (n + 1), shop.stock(product)["reserved"])
        cart = shop.cart_of(product, 1)
        path, seen = f"/cart/lines/{product}", {"If-Match": f'"{cart["version"]}"'}
        answers = shop.all_at_once(shop.guests, "PATCH", path, lambda i: {"quantity": (i + 2) * 1000}, False,
                                   headers=seen)
        winner, losers = races.one_of_all(report, f"{CLIENTS} changes of one cart's version, round {n + 1}", answers,
                                          200, 412)
        now = shop.guest.must(200, "GET", "/api/v1/cart")
        report.equal("  the winner's quantity stands", winner and winner.json["lines"][0]["quantity"],
                     now["lines"][0]["quantity"])
        report.none("  each loser was shown the cart", [str(a) for a in losers if a.json["current"]["id"] != now["id"]])
        shop.cart_of(product, 1)
        answers = shop.all_at_once(shop.guests, "POST", "/cart/lines", line(product)[0], False)
        report.equal(f"{CLIENTS} put a piece more into one cart, round {n + 1}", {200: CLIENTS},
                     races.statuses(answers))
        report.equal("  all of them are in it", (CLIENTS + 1) * 1000,
                     shop.guest.must(200, "GET", "/api/v1/cart")["lines"][0]["quantity"])


def race_for_a_payment(report, shop):
    product = shop.product(pieces=ROUNDS)
    for n in range(ROUNDS):
        order = shop.place(product)
        ways = (CASH, CARD)
        mixed = [c for pair in zip(shop.clerks, shop.guests) for c in pair][:CLIENTS]  # cash by clerks, card by guests
        answers = shop.all_at_once(mixed, "POST", f"/orders/{order['id']}/payments", lambda i: ways[i % 2])
        races.one_of_all(report, f"{CLIENTS} pay one order, round {n + 1}", answers, 201, 409)
        now = shop.order(order)
        report.equal("  paid once", ("PAID", order["total"]),
                     (now["status"], sum(payment["amount"] for payment in now["payments"])))
        report.equal("  nothing is held back for it any more", 0, shop.stock(product)["reserved"])
        seen = {"If-Match": f'"{now["version"]}"'}
        answers = shop.all_at_once(shop.clerks, "PATCH", f"/orders/{order['id']}/status", {"status": "COMPLETED"},
                                   False, headers=seen)
        races.one_of_all(report, f"{CLIENTS} hand over one order's version, round {n + 1}", answers, 200, 412)


def race_of_cancel_and_pay(report, shop):
    for n in range(ROUNDS):
        product = shop.product()
        order = shop.place(product)
        path = f"/orders/{order['id']}/"
        ways = (("payments", CARD), ("cancel", {"reason": "changed my mind"}))
        jobs = [lambda c=c, i=i, way=ways[i % 2], k=shop.key(): (i % 2, c.call("POST", f"/api/v1{path}{way[0]}", way[1],
                                                                               key=k).status)
                for i, c in enumerate(shop.guests)]
        got = collections.Counter(races.at_once(jobs))
        paid, cancelled = got[0, 201], got[1, 200]
        report.check(f"16 pay and 16 cancel one order, round {n + 1}: it was paid {paid} times, cancelled once",
                     paid <= 1 and cancelled == 1 and set(got) <= {(0, 201), (0, 409), (1, 200), (1, 409)},
                     "paid at most once, cancelled once, all others 409", dict(got))
        report.equal("  cancelled in the end, whoever was first", "CANCELLED", shop.order(order)["status"])
        listed = [o for o in shop.manager.pages("/api/v1/orders") if order["id"] in (o["id"], o["of_order_id"])]
        money = sum(payment["amount"] for o in listed for payment in o["payments"])
        report.equal("  what was paid went back", (0, 1 + paid), (money, len(listed)))
        report.equal("  the piece is there for others", (1000, 0, 1000),
                     tuple(shop.stock(product)[name] for name in ("on_hand", "reserved", "available")))


class Expiry(threading.Thread):
    """An unpaid order lets go of the last piece while clerks try to sell it and the guest tries to pay it."""

    def __init__(self, shop):
        super().__init__()
        self.product = shop.product()
        self.order = shop.place(self.product)
        self.port, self.ends = shop.house.port, time.monotonic() + 60 * EXPIRY_MIN
        self.clerk, self.guest = (till.Client(self.port, c.token) for c in (shop.manager, shop.guest))
        self.sold, self.paid, self.early, self.odd = [], [], 0, []

    def run(self):
        body = {"fulfilment": "counter", "lines": line(self.product)} | CASH
        while time.monotonic() < self.ends - 1:
            self.early += self.clerk.call("POST", "/api/v1/orders", body, key=f"early-{self.early}").status == 201
            time.sleep(0.5)
        n = 0
        while time.monotonic() < self.ends + 30 and not self.sold and not self.paid:
            n += 1
            jobs = [lambda: self.clerk.call("POST", "/api/v1/orders", body, key=f"late-{n}")]
            if time.monotonic() > self.ends:
                path = f"/api/v1/orders/{self.order['id']}/payments"
                jobs.append(lambda: self.guest.call("POST", path, CARD, key=f"pay-{n}"))
            for answers, kept in zip(races.at_once(jobs), (self.sold, self.paid)):
                if getattr(answers, "status", 0) == 201:
                    kept.append(answers.json)
                elif getattr(answers, "status", 0) != 409:
                    self.odd.append(str(answers))
            time.sleep(0.05)


def check_expiry(report, shop, expiry):
    expiry.join()
    report.equal("an unpaid order: nobody gets its piece before its time is over", 0, expiry.early)
    report.none("  and every answer is 201 or 409", expiry.odd)
    report.equal("  then one does: the clerk or the guest, not both", 1, len(expiry.sold) + len(expiry.paid))
    stock = shop.stock(expiry.product)
    report.equal("  and the book says the same", (0, 0, 0),
                 tuple(stock[name] for name in ("on_hand", "reserved", "available")))


def check_books(report, shop):
    """After all races: what lies there is what was moved, never below zero; what is held back is what is listed."""
    held = collections.Counter()
    for row in shop.manager.pages("/api/v1/inventory/reservations"):
        held[row["product_id"]] += row["quantity"]
    wrong = []
    for product, _ in shop.products:
        stock = shop.stock(product)
        moved = sum(row["moved"] for row in shop.manager.pages(f"/api/v1/inventory/{product}/movements"))
        if stock["on_hand"] != moved or stock["on_hand"] < 0 or stock["reserved"] != held[product]:
            wrong.append((stock, moved, held[product]))
    report.none(f"books of {len(shop.products)} products: on hand = moved ≥ 0, held back = listed", wrong)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, SETTINGS) as house:
        shop = Shop(house)
        expiry = Expiry(shop)
        expiry.start()
        race_for_the_last_piece(report, shop)
        race_over_the_counter_and_from_home(report, shop)
        race_for_a_cart(report, shop)
        race_for_a_payment(report, shop)
        race_of_cancel_and_pay(report, shop)
        check_expiry(report, shop, expiry)
        check_books(report, shop)
        report.equal("stop: exit code", 0, house.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
