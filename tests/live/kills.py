#!/usr/bin/env python3
"""The store day under kill -9: nothing that was answered is lost, nothing is there twice.

Some cashiers replay the day again and again, each time with keys of its own, while tilld is killed at moments drawn
from the printed seed, some of them while it is still starting. A cashier repeats a POST that got no answer with the
same Idempotency-Key until it gets one. `--kills N` (50; 1,000 with --long); `--seed S` draws the same moments again.

Beside them a price list is imported: its job has to survive the first kills and to end with every row, once.

Checked: each answered order is in the list exactly once and nothing else is; money and stock are those of the steps
that were answered; repeated POSTs give the bytes of the first answer; receipts 1..n without a gap; the chain; ready in
< 2 s. sync_kills lets the same cashiers sell at two nodes.
"""
import collections
import contextlib
import hashlib
import itertools
import json
import random
import sys
import threading
import time

import retail
import store_day
import till

CASHIERS = 4
BUSY_S = 0.8  # longest time between ready and the kill
EARLY = 0.15  # share of kills that do not wait for ready
GIVE_UP_S = 30
LISTED = 30_000  # products of the price list
REPLAYED = 2_000  # answers asked for again at the end, those that were repeated under fire first


class Book:
    """What the cashiers were answered; shared by their threads."""

    def __init__(self, products):
        self.lock = threading.Lock()
        self.products = products
        self.orders = {}  # id → (receipt number, total)
        self.moved = collections.Counter()  # SKU → pieces that came onto the shelf
        self.due = 0  # pence, of the CSV
        self.doubled, self.wrong = [], []
        self.asked = []  # (asked more than once, path, body, key, SHA-256 of the answer)
        self.repeats = self.rescued = 0

    def enter(self, step, path, body, key, answer, attempts):
        digest = hashlib.sha256(answer.body).digest()
        with self.lock:
            self.asked.append((attempts > 1, path, body, key, digest))
            self.repeats += attempts > 1
            self.rescued += attempts > 1 and "idempotent-replayed" in answer.headers
            self.moved.update(retail.moves(step, self.products))
            self.due += step.total
            if step.kind in ("sale", "return", "blind"):
                order = answer.json
                if order["id"] in self.orders:
                    self.doubled.append((key, order["id"]))
                self.orders[order["id"]] = (order["receipt_number"], order["total"])
                if order["total"] != step.total:
                    self.wrong.append((key, step.total, order["total"]))


class Cashier(threading.Thread):
    """Replays the day over and over until `closing`; the POST that has begun is finished."""

    def __init__(self, number, house, day, ids, book, closing):
        super().__init__()
        self.number, self.house, self.day, self.ids, self.book, self.closing = number, house, day, ids, book, closing
        self.client = house.client()
        self.error = None

    def run(self):
        try:
            for n in itertools.count():
                if self.closing.is_set():
                    break
                self.replay(f"{self.number}.{n}/")
        except (Exception, SystemExit) as error:  # a thread's end must be seen: main() reports it
            self.error = repr(error)

    def replay(self, prefix):
        sales = {}
        for step in self.day.steps:
            if self.closing.is_set():
                break
            path, body = retail.request(step, self.ids, sales, self.day.products)
            body = json.dumps(body).encode()
            answer, attempts = self.until_answered(path, body, prefix + step.key)
            self.book.enter(step, path, body, prefix + step.key, answer, attempts)
            if step.kind == "sale":
                sales[step.key] = answer.json

    def until_answered(self, path, body, key):
        limit, attempts = time.monotonic() + GIVE_UP_S, 0
        while time.monotonic() < limit:
            attempts += 1
            with contextlib.suppress(*till.GONE):
                answer = self.client.call("POST", path, body, key=key, headers={"Content-Type": "application/json"})
                if answer.status // 100 == 2:
                    return answer, attempts
                if answer.status == 401:  # fifteen minutes are over
                    self.client.token = self.house.login().token
                elif answer.status not in (409, 503):  # still in flight; starting or ending
                    raise ValueError(f"{path} {key}: {answer}")
            time.sleep(0.005)
        raise TimeoutError(f"{path} {key}: no answer in {GIVE_UP_S} s")


def import_price_list(shop):
    """Starts the job; returns its path."""
    listed = [retail.Product(f"LIST{n}", f"Number {n} of the list", 100 + n, False, ()) for n in range(LISTED)]
    job = shop.must(202, "POST", "/api/v1/products/imports", retail.to_csv(listed).encode(),
                    headers={"Content-Type": "text/csv"})
    return f"/api/v1/products/imports/{job['id']}"


def check_price_list(report, shop, path):
    job = store_day.finished(shop, path)
    report.equal("price list: the job ended with every row", ("DONE", LISTED, LISTED, 0, 0),
                 tuple(job[name] for name in ("status", "total", "created", "unchanged", "refused")))
    listed = collections.Counter(p["sku"] for p in shop.pages("/api/v1/products") if p["sku"].startswith("LIST"))
    report.equal("price list: every product once", (LISTED, {1}), (len(listed), set(listed.values())))


def kill_again_and_again(house, chance, kills):
    """Seconds to ready of each start that was let become ready."""
    waits = []
    for n in range(kills):
        if chance.random() >= EARLY:
            if n > 0:
                waits.append(house.wait_ready())
            time.sleep(chance.uniform(0, BUSY_S))
        else:
            time.sleep(chance.uniform(0, 0.03))
        house.kill()
        house.spawn()
    waits.append(house.wait_ready())
    return waits


def check_orders(report, rows, book, where="orders"):
    """`rows`: the orders that are listed there."""
    listed = collections.Counter(row["id"] for row in rows)
    report.none(f"{where}: none listed twice", [i for i, n in listed.items() if n > 1])
    report.none(f"{where}: none answered twice under two keys", book.doubled)
    report.none(f"{where}: nothing answered is lost", list(book.orders.keys() - listed.keys()))
    report.none(f"{where}: nothing there that was not answered", list(listed.keys() - book.orders.keys()))
    different = [(row["id"], book.orders[row["id"]], row) for row in rows if row["id"] in book.orders
                 and (row["receipt_number"], row["total"]) != book.orders[row["id"]]]
    report.none(f"{where}: receipt and total as answered", different)
    report.none(f"{where}: each as in the CSV", book.wrong)
    report.equal(f"{where}: the sum of {len(rows)} in pence", book.due, sum(row["total"] for row in rows))
    store_day.check_numbers(report, rows)


def check_stock(report, shop, book, ids):
    wrong = []
    for sku, p in book.products.items():
        expected = 1000 * ((retail.OPENING if p.goods else 0) + book.moved[sku])
        on_hand = shop.must(200, "GET", f"/api/v1/inventory/{ids[sku]}")["on_hand"]
        if on_hand != expected:
            wrong.append((sku, expected, on_hand))
    report.none(f"stock: {len(book.products)} products as in the ledger", wrong)


def check_replays(report, shop, book, chance):
    chance.shuffle(book.asked)
    book.asked.sort(key=lambda asked: not asked[0])
    wrong = []
    for _, path, body, key, digest in book.asked[:REPLAYED]:
        answer = shop.call("POST", path, body, key=key, headers={"Content-Type": "application/json"})
        if hashlib.sha256(answer.body).digest() != digest or answer.headers.get("idempotent-replayed") != "true":
            wrong.append((key, str(answer)))
    report.none(f"replay: {min(REPLAYED, len(book.asked))} answers again, byte for byte", wrong)


def main():
    fresh = random.SystemRandom().randrange(1 << 32)
    args = till.arguments(__doc__, kills={"type": int}, seed={"type": int, "default": fresh})
    kills = args.kills or (1_000 if args.long else 50)
    chance = random.Random(args.seed)
    report = till.Report(args.seed)
    lines = retail.read([till.DAY])
    day = retail.Day(lines + store_day.made_up(lines), retail.catalogue(lines))
    print(f"seed {args.seed}, {kills} kills, {CASHIERS} cashiers, {len(day.steps)} steps a day")
    with till.Till(args.tilld) as house:
        catalogue = house.home / "catalogue.csv"
        catalogue.write_text(retail.to_csv(day.products.values()))
        house.add_user()
        house.cli("import", "products", catalogue)
        house.start()
        shop = house.login()
        ids = {row["sku"]: row["id"] for row in shop.pages("/api/v1/products")}
        book, closing = Book(day.products), threading.Event()
        cashiers = [Cashier(n, house, day, ids, book, closing) for n in range(CASHIERS)]
        for cashier in cashiers:
            cashier.start()
        price_list = import_price_list(shop)
        try:
            waits = kill_again_and_again(house, chance, kills)
        finally:
            closing.set()
            for cashier in cashiers:
                cashier.join()
        print(f"      {len(book.asked)} POSTs, {book.repeats} repeated, {book.rescued} of these were booked already")
        report.none("cashiers: each POST got its answer", [c.error for c in cashiers if c.error])
        report.check("kills: some hit a POST in flight", book.repeats > 0, "at least one repeated POST", book.repeats)
        report.at_most(f"ready again, slowest of {len(waits)}", 2.0, max(waits), "s")
        shop = house.login()
        check_price_list(report, shop, price_list)
        check_orders(report, list(shop.pages("/api/v1/orders")), book)
        check_stock(report, shop, book, ids)
        check_replays(report, shop, book, chance)
        store_day.check_chain(house, shop, report, len(book.orders))
        report.equal("stop: exit code", 0, house.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
