#!/usr/bin/env python3
"""A disk that goes bad under a till: every damage is found at the start, and nothing that headquarters has is lost.

A node sells, a part of it while its line is cut; it is killed, and its files are damaged: bits flip, a file is cut
off, its log breaks, old pages come back as from a disk that lied about a sync, all is gone. Started again it must put
the damaged files aside and go on unaided: every order that the hub acknowledged is there to the penny, of the others
those that it does not report as lost; it sells, takes back an old sale, and ends equal with the hub. A till without a
hub goes on where nothing is lost, and else asks, with a line that says what can be done; `tilld rebuild` does it.
`--seed N` repeats a run; `--long` tries more places.
"""
import random
import re
import sys
import time

import estate
import till

PAGE = 1024
SUFFIXES = ("", "-wal", "-shm", "-seal")
READY_S = 60  # a rebuild reads and writes everything


def sell(client, products, number, key):
    """→ the order, answered with 201"""
    product, pieces = products[number % len(products)], 1 + number % 3
    return client.must(201, "POST", "/api/v1/orders",
                       {"fulfilment": "counter", "lines": [{"product_id": product["id"], "quantity": 1000 * pieces}],
                        "payments": [{"method": "cash", "tendered": product["price"] * pieces}]}, key=key)


def stock_up(client, count=12):
    products = [client.must(201, "POST", "/api/v1/products",
                            {"name": f"article {n}", "sku": f"sku-{n}", "price": 100 + n, "currency": "GBP"})
                for n in range(count)]
    for product in products:
        client.must(200, "POST", f"/api/v1/inventory/{product['id']}/receive", {"quantity": 500_000, "reason": "truck"},
                    key=f"truck-{product['sku']}")
    return products


class Files:
    """The database's files of a node that does not run."""

    def __init__(self, node):
        self.paths = {suffix: node.database.with_name(node.database.name + suffix) for suffix in SUFFIXES}

    def read(self):
        return {suffix: path.read_bytes() for suffix, path in self.paths.items() if path.exists()}

    def write(self, content):
        for suffix, path in self.paths.items():
            path.unlink(missing_ok=True)
            if suffix in content:
                path.write_bytes(content[suffix])


# What a disk does to the files: each gets them as they are, and as they were some sales earlier.

def flip_bits(now, _, chance):
    data = bytearray(now[""])
    for page in chance.sample(range(60, len(data) // PAGE), 6):  # behind the schema, which is the first to be written
        data[page * PAGE + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)
    return now | {"": bytes(data)}


def cut_off(now, _, chance):
    return now | {"": now[""][:len(now[""]) * chance.randrange(50, 95) // 100]}


def break_log(now, _, chance):
    log = bytearray(now["-wal"])
    log[chance.randrange(32, len(log) // 2)] ^= 1 << chance.randrange(8)
    return now | {"-wal": bytes(log)}


def lie(now, before, chance):
    data = bytearray(now[""])
    for page in range(min(len(data), len(before[""])) // PAGE):
        if chance.random() < 0.5:
            data[page * PAGE:(page + 1) * PAGE] = before[""][page * PAGE:(page + 1) * PAGE]
    return now | {"": bytes(data)}


def lose_first_page(now, _, chance):
    return now | {"": chance.randbytes(PAGE) + now[""][PAGE:], "-wal": b""}


def lose_all(now, *_):
    return {"-seal": now["-seal"]}


DAMAGES = (flip_bits, cut_off, break_log, lie, lose_first_page, lose_all)


def lost_of(node):
    """Facts that the newest rebuild says it could not save; None if it could read nothing."""
    text = max(node.data.glob("shop.db.damaged-*.txt")).read_text()
    found = re.search(r"(\d+) sales and stock movements were saved, (\d+) were not", text)
    return int(found[2]) if found else None


def orders_of(client):
    return {order["id"]: (order["receipt_number"], order["total"]) for order in client.pages("/api/v1/orders")}


def try_damage(report, tenant, damage, chance):
    node, wire, hub = tenant.nodes[0], tenant.wires[0], tenant.hub
    client = node.login()
    products = list(client.pages("/api/v1/products"))
    made = {}

    def sell_some(count):
        for _ in range(count):
            order = sell(client, products, chance.randrange(1000), f"{damage.__name__}-{chance.random()}")
            made[order["id"]] = (order["receipt_number"], order["total"])

    sell_some(20)
    before = Files(node).read()
    node.stop()  # folds the log into the file
    node.start()
    client = node.login()
    sell_some(20)
    estate.settle(report, f"{damage.__name__}: acknowledged", tenant.unacknowledged, time.monotonic(), 30)
    acknowledged = set(orders_of(client))
    wire.cut()
    sell_some(12)
    node.kill()
    files = Files(node)
    damaged = damage(files.read(), before, chance)
    files.write(damaged)
    rebuilds = len(list(node.data.glob("shop.db.damaged-*.txt")))
    node.spawn()
    took = node.wait_ready(READY_S)
    report.check(f"{damage.__name__}: found, put aside and rebuilt in {took:.1f} s",
                 len(list(node.data.glob("shop.db.damaged-*.txt"))) == rebuilds + 1, "one text more",
                 list(node.data.iterdir()))
    lost = lost_of(node)
    wire.heal()
    if lost is None:  # the users went too: the operator makes a manager
        node.add_user()
    client = node.login()
    tenant.rest(report, time.monotonic(), damage.__name__)
    found = orders_of(node.login())
    report.none(f"{damage.__name__}: {len(acknowledged)} acknowledged orders, all there",
                [i for i in acknowledged if i not in found])
    report.none(f"{damage.__name__}: none is another than it was",
                [i for i in made if found.get(i, made[i]) != made[i]])
    gone = [i for i in made if i not in found]
    report.check(f"{damage.__name__}: {len(gone)} of 12 that the hub had not are gone, {lost} were reported",
                 lost is None or len(gone) <= lost, "no more than reported", gone)
    check_trade(report, damage, node, products, acknowledged & set(made), made)
    tenant.rest(report, time.monotonic(), f"{damage.__name__}, and selling on")
    at_hub = orders_of(hub.client())
    report.none(f"{damage.__name__}: the hub has all {len(found)}", [i for i in found if i not in at_hub])
    client, at = node.client(), hub.client()
    report.none(f"{damage.__name__}: stock as at the hub",
                [p["sku"] for p in products if node.on_hand(client, p["id"]) != hub.on_hand(at, p["id"])])
    tenant.check_proofs(report)


def check_trade(report, damage, node, products, old, made):
    """It sells, finds an old receipt by its number, and takes an old sale back."""
    client = node.login()
    order = sell(client, products, 1, f"after-{damage.__name__}")
    again = sell(client, products, 1, f"after-{damage.__name__}")
    report.check(f"{damage.__name__}: sells on, a repeated key once", order["id"] == again["id"], order["id"], again)
    report.check(f"{damage.__name__}: receipts of another life", order["receipt_number"].split("-")[1] not in
                 {number.split("-")[1] for number, _ in made.values()}, "another tag", order["receipt_number"])
    sale = client.must(200, "GET", f"/api/v1/orders/{sorted(old)[0]}")
    back = client.call("POST", f"/api/v1/orders/{sale['id']}/returns",
                       {"lines": [{"line_id": sale["lines"][0]["id"], "quantity": 1000}],
                        "refund": {"method": "cash"}, "reason": "did not fit"}, key=f"back-{damage.__name__}")
    report.check(f"{damage.__name__}: an old sale comes back", back.status == 201, 201, back)


def try_alone(report, args, chance):
    """Without a hub nobody gives back what is lost: it goes on by itself only if nothing is."""
    with till.Till(args.tilld) as shop:
        client = shop.open_with_manager()
        products = stock_up(client)
        made = {order["id"] for order in (sell(client, products, n, f"alone-{n}") for n in range(60))}
        shop.stop()
        files = Files(shop)
        whole = files.read()
        asked = harmless = 0
        for page in chance.sample(range(60, len(whole[""]) // PAGE), 12):
            data = bytearray(whole[""])
            data[page * PAGE + 300] ^= 8
            files.write(whole | {"": bytes(data)})
            shop.spawn()
            if ended(shop):
                asked += 1
                words = shop.last_words()
                report.check("alone: it says what was lost and what can be done",
                             "tilld rebuild" in words and "tilld restore" in words and "damaged" in words,
                             "both verbs", words[-400:])
                report.check("alone: nothing was changed", files.read()[""] == bytes(data), "the file as it was", page)
                done = shop.cli("rebuild", check=False)
                report.check("alone: `tilld rebuild`", done.returncode == 0, 0, done.stderr)
                shop.spawn()
            else:
                harmless += 1
            shop.wait_ready(READY_S)
            if shop.cli("user", "list", check=False).stdout.count(till.EMAIL):
                found = set(orders_of(shop.login()))
                lost = lost_of(shop)
                report.check(f"alone: {len(made - found)} sales lost with page {page}, {lost} facts reported",
                             lost is None or len(made - found) <= lost, "no more than reported", len(made - found))
            shop.stop()
        report.check(f"alone: {harmless} of 12 pages cost nothing, {asked} asked first", asked > 0, "some ask", asked)


def ended(shop, within_s=20):
    """True if the process ended by itself before it was ready."""
    began = time.monotonic()
    while time.monotonic() - began < within_s:
        if shop.process.poll() is not None:
            return True
        try:
            if till.Client(shop.port, timeout_s=1).get("/readyz").status == 200:
                return False
        except till.GONE:
            time.sleep(0.01)
    return False


def main():
    fresh = random.SystemRandom().randrange(1 << 32)
    args = till.arguments(__doc__, seed={"type": int, "default": fresh})
    report, chance = till.Report(args.seed), random.Random(args.seed)
    print(f"seed {args.seed}")
    with estate.Estate(args, titles=("A1",), seed=args.seed) as tenant:
        stock_up(tenant.open()[1])
        for damage in DAMAGES * (5 if args.long else 1):
            tenant.hub.login()
            try_damage(report, tenant, damage, chance)
    try_alone(report, args, chance)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
