#!/usr/bin/env python3
"""Live events through a real tilld: what happens at one till is on the streams of the others within a second, and of
nobody else; who was away is told what he missed, or that he must read anew; who may not any more hears nothing more.
"""
import http.client
import queue
import socket
import sys
import threading
import time

import till

LIMIT_S = 1.0  # from the answer of a sale to the event at another till
STREAMS, PER_USER = 64, 16
UNLIMITED = {"limits.public_per_s": 0, "limits.customer_per_s": 0, "limits.strict_per_min": 0, "auth.password_cost": 1}
ADMIN = "admin@shop.test"


class Listener:
    """One event stream, read by a thread of its own; with `last` it goes on after that id."""

    def __init__(self, port, token, last=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last} if last else {})
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.socket = self.connection.sock  # the answer takes it away: it ends with the connection
        self.answer = self.connection.getresponse()
        self.status, self.last, self.told = self.answer.status, last, queue.Queue()
        self.ended = threading.Event()
        if self.status == 200:
            threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        event = {}
        try:
            for line in iter(self.answer.readline, b""):
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                    continue
                self.last = event.get("id", self.last)
                if "data" in event:
                    self.told.put((event.get("event"), event["data"], time.monotonic()))
                event = {}
        except till.GONE + (ValueError, AttributeError):
            pass
        self.ended.set()

    def next(self, within_s=5.0):
        """(event, data, when), or Nones."""
        try:
            return self.told.get(timeout=within_s)
        except queue.Empty:
            return None, None, None

    def all(self, within_s=0.3):
        """What has come, and comes until it is quiet for so long."""
        heard = []
        while (one := self.next(within_s))[0]:
            heard.append(one)
        return heard

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # close() alone would wait for who reads


class Shop:
    """A tilld with a product, two cashiers and a customer."""

    def __init__(self, house):
        self.house = house
        self.admin = house.login(ADMIN)
        self.product = self.admin.must(201, "POST", "/api/v1/products",
                                       {"name": "Cup", "sku": "CUP", "price": 1999, "stock": 1_000_000})["id"]
        self.sold = 0

    def person(self, name, role):
        email = f"{name}@shop.test"
        self.admin.must(201, "POST", "/api/v1/users",
                        {"email": email, "name": name, "role": role, "password": till.PASSWORD})
        return self.house.login(email)

    def sell(self, client):
        """The id of a counter sale."""
        self.sold += 1
        body = {"fulfilment": "counter", "lines": [{"product_id": self.product}],
                "payments": [{"method": "cash", "tendered": 10_000}]}
        return client.must(201, "POST", "/api/v1/orders", body, key=f"sale-{self.sold}")["id"]

    def place(self, client):
        self.sold += 1
        body = {"fulfilment": "pickup", "lines": [{"product_id": self.product}]}
        return client.must(201, "POST", "/api/v1/orders", body, key=f"order-{self.sold}")["id"]

    def listen(self, client, last=None):
        return Listener(self.house.port, client.token, last)


def about(heard, order):
    return [name for name, data, _ in heard if order in (data or "")]


def at_once(report, shop, one, other):
    stream = shop.listen(other)
    report.equal("events: the stream is there", (200, "text/event-stream"),
                 (stream.status, stream.answer.headers["content-type"]))
    report.equal("events: it begins with ready", "ready", stream.next()[0])
    slowest, wrong = 0.0, []
    for _ in range(20):
        order = shop.sell(one)
        sold = time.monotonic()
        heard = stream.all(0.05) or [stream.next()]
        if not any(order in (data or "") for _, data, _ in heard):
            wrong.append((order, heard))
        else:
            slowest = max(slowest, max(when for _, _, when in heard) - sold)
    report.none("events: 20 sales at one till, each heard at the other", wrong)
    report.at_most("events: the slowest after its sale", LIMIT_S, slowest, "s")
    stream.close()


def only_their_own(report, shop, cashier, customer, stranger):
    mine, theirs, staff = shop.listen(customer), shop.listen(stranger), shop.listen(cashier)
    for stream in (mine, theirs, staff):
        stream.next()
    order, sale = shop.place(customer), shop.sell(cashier)
    heard, staff_heard = mine.all(), staff.all()
    report.check("events: a customer hears of his own order", "order.placed" in about(heard, order), "order.placed",
                 heard)
    report.equal("events: and of no sale of others", [], about(heard, sale))
    report.equal("events: another customer hears nothing", [], theirs.all())
    report.check("events: staff hear of both", about(staff_heard, order) and about(staff_heard, sale), "both",
                 staff_heard)
    for stream in (mine, theirs, staff):
        stream.close()


def missed(report, shop, one, other):
    """→ the id of the last event that was heard"""
    stream = shop.listen(other)
    stream.next()
    shop.sell(one)
    stream.all()
    stream.close()
    orders = [shop.sell(one) for _ in range(5)]
    again = shop.listen(other, stream.last)
    told = [data for name, data, _ in again.all() if name.startswith("order.")]
    report.check("events: whoever comes back is told the 5 sales he missed, in order, once",
                 len(told) == 5 and all(order in data for order, data in zip(orders, told)), orders, told)
    again.close()
    return again.last


def not_any_more(report, shop, cashier):
    leaver = shop.person("leaver", "cashier")
    stream = shop.listen(leaver)
    stream.next()
    leaver.must(204, "POST", "/api/v1/auth/logout")
    shop.sell(cashier)
    report.equal("events: after log-out nothing more is told", [], stream.all(1.5))
    report.check("events: and the stream ends", stream.ended.wait(3), "an end", "none within 3 s")
    nobody = Listener(shop.house.port, leaver.token)
    report.equal("events: nor begins another one", 401, nobody.status)


def full_house(report, shop, cashier):
    people = [shop.person(f"listener-{i}", "cashier") for i in range(STREAMS // PER_USER + 1)]
    streams = [shop.listen(people[i // PER_USER]) for i in range(PER_USER)]
    greedy = shop.listen(people[0])
    report.equal(f"events: no {PER_USER + 1}th stream of one user", (429, True),
                 (greedy.status, "retry-after" in greedy.answer.headers))
    streams += [shop.listen(people[i // PER_USER]) for i in range(PER_USER, STREAMS)]
    late = shop.listen(people[-1])
    report.equal(f"events: no {STREAMS + 1}th stream", (503, True), (late.status, "retry-after" in late.answer.headers))
    for stream in streams:
        stream.next()
    order = shop.sell(cashier)
    began = time.monotonic()
    deaf = [i for i, stream in enumerate(streams) if not about([stream.next(2)], order)]
    report.none(f"events: {STREAMS} streams hear of a sale", deaf)
    report.at_most("events: all of them after", LIMIT_S, time.monotonic() - began, "s")
    report.equal("events: the gauge knows them", STREAMS, shop.house.counted("till_event_streams"))
    for stream in streams:
        stream.close()
    deadline = time.monotonic() + 5
    while shop.house.counted("till_event_streams") and time.monotonic() < deadline:
        time.sleep(0.05)
    report.equal("events: places of those who went are free", 0, shop.house.counted("till_event_streams"))


def power_cut(report, house, last):
    house.kill()
    house.start()
    cashier = house.login("one@shop.test")
    stream = Listener(house.port, cashier.token, last)
    report.equal("events: after kill -9 whoever comes back must read anew", "reset", stream.next()[0])
    report.check("events: and stands at the new beginning", stream.last.split("-")[0] != last.split("-")[0],
                 "another boot", stream.last)
    began = time.monotonic()
    report.equal("stop: exit code, with a stream open", 0, house.stop())
    report.at_most("stop: seconds", 3, time.monotonic() - began, "s")
    report.check("stop: the stream has ended", stream.ended.wait(2), "an end", "none")


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, till.CONFIG | UNLIMITED) as house:
        house.add_user(ADMIN, "admin")
        house.start()
        shop = Shop(house)
        one, other = shop.person("one", "cashier"), shop.person("other", "cashier")
        at_once(report, shop, one, other)
        only_their_own(report, shop, one, shop.person("customer", "customer"), shop.person("stranger", "customer"))
        last = missed(report, shop, one, other)
        not_any_more(report, shop, one)
        full_house(report, shop, one)
        power_cut(report, house, last)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
