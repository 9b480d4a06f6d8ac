"""What the hub costs a shop, and how soon and how cheaply a sale is there. A broker and a hub are started beside tilld;
in life they run on another machine, so here they run at the lowest priority (nice 19) and still take their share of
these two cores: the ratios are worse than they would be.

Sale to hub: from before the request is sent until a bystander of the broker has heard the hub's acknowledgement, which
follows the hub's commit: both ends are beyond what is measured. Wire: all bytes of the node's connection, both ways,
MQTT's own included, through a proxy that counts them (tests/live/wire.py).
"""
import concurrent.futures
import contextlib
import json
import os
import random
import secrets
import sqlite3
import statistics
import threading
import time

from rates import ratio
from report import table
from shop import PRODUCTS, TOKEN_AGE_S, Quiet, Shop, io_counts, memory_kb, till, wrk

import broker
import estate
import forger
import mqtt
import wire

BACKLOG = 20_000  # sales: 20,000 orders, 60,000 lines, 20,000 payments
ALONE, APART_S = 60, 0.25  # sales one by one, and the pause between them
IN_TOUCH_S = 6  # after a start: greeted and pulled, also if the first greeting went before the hub listened
TILLS, RATE = 4, 50  # the steady business: tills, sales a second of all
LOGIN = {"limits.strict_per_min": 0}  # the bench logs in more often than a shop


class Hub(Quiet, estate.Hub):
    """As if on another machine: it takes what the shop leaves of this one."""

    def serve_command(self, port=None):
        return ["nice", "-n", "19", *super().serve_command(port)]


class Headquarters:
    """A broker and a hub, and what a bystander hears of them."""

    def __init__(self, bench):
        self.broker = broker.Broker()
        self.hub = Hub(bench.tilld.with_name("tillhub"), self.broker.url, currency="EUR")

    def __enter__(self):
        self.broker.start()
        os.setpriority(os.PRIO_PROCESS, self.broker.process.pid, 19)  # it has one thread
        self.hub.open_with_manager()
        return self

    def __exit__(self, *_):
        self.hub.close()
        self.broker.close()


class Node(Shop):
    """A Shop with a hub at the end of a line."""

    def __init__(self, bench, url):
        super().__init__(bench)
        self.connect(url)
        self.add_user()
        self.manager, self.manager_since = "", 0.0

    def connect(self, url):
        """From the next start on."""
        self.config.write_text(json.dumps(LOGIN | {"mqtt.url": url}))

    def status(self):
        client = till.Client(self.port, self.manager)
        if not self.manager or time.monotonic() - self.manager_since > TOKEN_AGE_S:
            login = {"email": till.EMAIL, "password": till.PASSWORD}
            client.token = client.must(200, "POST", "/api/v1/auth/login", login)["access_token"]
            self.manager, self.manager_since = client.token, time.monotonic()
        return client.must(200, "GET", "/api/v1/sync/status")

    def rest(self, limit_s=300):
        """Waits until the hub has acknowledged all. → its status then"""
        until = time.monotonic() + limit_s
        while not (status := self.status())["welcomed"] or any(stream["lag"] for stream in status["streams"]):
            if time.monotonic() > until:
                raise SystemExit(f"bench: the hub does not get it all: {status}\n{self.last_words()}")
            time.sleep(0.2)
        return status

    def sale_seq(self):
        return next(stream["last_seq"] for stream in self.status()["streams"] if stream["name"] == "sale")


class Acks:
    """Listens to the hub's acknowledgements of node A1's sales, on a thread of its own."""

    def __init__(self, port):
        self.client = mqtt.Client(port, "bystander")
        self.client.subscribe(f"{forger.ROOT}/main/A1/up/sale/ack")
        self.applied, self.heard = 0, {}  # seq → when it was first acknowledged (time.monotonic())
        self.news, self.over = threading.Condition(), False
        self.thread = threading.Thread(target=self.listen)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        self.client.close()

    def listen(self):
        while not self.over:
            message = self.client.receive(0.2)
            if message is None:
                continue
            applied = forger.read_integer(forger.opened(message.payload)[26:])  # behind type, session and stream
            with self.news:
                if self.applied:
                    self.heard.update(dict.fromkeys(range(self.applied + 1, applied + 1), message.at))
                self.applied = max(self.applied, applied)
                self.news.notify_all()

    def wait(self, seq, limit_s=120):
        with self.news:
            if not self.news.wait_for(lambda: self.applied >= seq, limit_s):
                raise SystemExit(f"bench: the hub is at {self.applied} of {seq}")


def sell(client, chance):
    """→ (receipt's number, when the request was sent)"""
    lines = [{"barcode": str(4_000_000_000_000 + chance.randrange(PRODUCTS)), "quantity": 1000} for _ in range(3)]
    began = time.monotonic()
    order = client.must(201, "POST", "/api/v1/orders", {"fulfilment": "counter", "lines": lines, "payments": [
        {"method": "cash", "tendered": 100_000_000}]}, key=secrets.token_hex(16))
    return int(order["receipt_number"].rpartition("-")[2]), began


def quantiles(sold, heard, offset):
    """(p50, p99) in milliseconds of what was sold, as (number, when)."""
    taken = [(heard[number + offset] - began) * 1000 for number, began in sold]
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98]


def delays(bench, node, acks):
    """Alone: a sale now and then. Steady: four tills, fifty sales a second between them."""
    client, chance = till.Client(node.port, node.fresh_token()), random.Random(1)
    bench.disk.rest()
    number, _ = sell(client, chance)
    seq = node.sale_seq()
    acks.wait(seq)
    alone = []
    for _ in range(100 if bench.quick else 300):
        time.sleep(chance.uniform(0, 0.05))
        alone.append(sell(client, chance))
    steady = []
    share = RATE * bench.seconds // TILLS

    def till_of(seed):
        own, client = random.Random(seed), till.Client(node.port, node.fresh_token())
        for _ in range(share):
            time.sleep(own.expovariate(RATE / TILLS))
            steady.append(sell(client, own))

    with concurrent.futures.ThreadPoolExecutor(TILLS) as pool:
        list(pool.map(till_of, range(TILLS)))
    acks.wait(seq + len(alone) + len(steady))
    rows = [(what, len(sold), *quantiles(sold, acks.heard, seq - number))
            for what, sold in (("now and then", alone), (f"{RATE} a second at {TILLS} tills", steady))]
    table(("sale to hub commit, ms", "sales", "p50", "p99"), rows)
    bench.got["sync p99"] = max(row[3] for row in rows)


def wire_bytes(bench, node, line, acks):
    """Bytes of a sale, when each goes alone and when many go together."""
    client, chance = till.Client(node.port, node.fresh_token()), random.Random(2)

    def counted(sales):
        node.rest()
        node.settle()
        up, down = line.up_bytes, line.down_bytes
        count = sales()
        node.rest()
        node.settle()
        up, down = line.up_bytes - up, line.down_bytes - down
        return count, up / count, down / count, (up + down) / count

    def one_by_one():
        for _ in range(ALONE):
            sell(client, chance)
            time.sleep(APART_S)
        return ALONE

    found = {"1": counted(one_by_one), "32": counted(lambda: wrk("sale.lua", node, 32, bench.seconds)["count"])}
    table(("bytes on the wire a sale", "sales", "up", "down", "both"),
          [(f"one by one, {APART_S} s apart", *found["1"]), ("32 connections", *found["32"])])
    for name, row in found.items():
        bench.got[f"sync wire {name}"] = row[3]


def backlog(bench, node, acks):
    """Sold while the line was down, by the services that sell; then from exec until the hub has all."""
    node.rest()
    before = node.sale_seq()
    node.stop()
    sales = 2_000 if bench.quick else BACKLOG
    with contextlib.closing(sqlite3.connect(node.database)) as db:
        node.fill(db.execute("SELECT count(*) FROM orders").fetchone()[0] + sales)
    bench.disk.rest()
    began = time.monotonic()
    node.start()
    acks.wait(before + sales)
    took = time.monotonic() - began
    print(f"   {sales:,} sales made offline, {5 * sales:,} rows: {took:.1f} s from exec to the last"
          f" acknowledgement, {5 * sales / took:,.0f} rows/s\n")
    bench.got["sync backlog"] = took if sales == BACKLOG else "not measured: --quick"


def memory(bench, node, hub):
    """Both just started, in touch, with 10,000 products; a lookup each, as without a hub (rates.py), and no page of
    status, which is read on a connection of its own."""
    for program in (node, hub):
        program.stop()
        program.start()
    till.Client(node.port, node.fresh_token()).must(200, "GET", "/api/v1/products/by-barcode/4000000000000")
    time.sleep(IN_TOUCH_S)
    for name, pid in (("tilld", node.pid), ("tillhub", hub.process.pid)):
        resident, proportional = memory_kb(pid)
        print(f"   memory idle, {name}: {resident / 1024:.1f} MB resident, {proportional / 1024:.1f} MB proportional")
        bench.got[f"sync memory {name}"] = resident / 1024
    if not node.status()["welcomed"]:
        raise SystemExit("bench: the node was not in touch with the hub while its memory was measured")


def cost(bench, node):
    """Checkouts a second, and bytes written for one, of a shop with a hub and of one without, in turns. What is not at
    the hub when the last is answered is told: sync yields to the shop, and nobody sells as fast as that for long."""
    rates, written, behind = {}, {}, {}
    with Shop(bench, config=LOGIN) as alone:
        alone.open()
        turn = [("off", alone), ("on", node)]
        for _ in range(bench.rounds):
            turn.reverse()  # who comes second meets a warmer machine
            for connections in (1, 32):
                for name, shop in turn:
                    before, found = io_counts(shop.pid), wrk("sale.lua", shop, connections, bench.seconds)
                    if shop is node:
                        behind[connections] = sum(stream["lag"] for stream in node.status()["streams"])
                        node.rest()  # what is left to send would be the next one's burden
                    shop.settle()
                    after = io_counts(shop.pid)
                    best = rates.get((name, connections), found)
                    rates[name, connections] = found if found["rate"] > best["rate"] else best
                    written[name, connections] = (after["write_bytes"] - before["write_bytes"]) / found["count"] / 1024
    rows = []
    for connections in (1, 32):
        on, off = rates["on", connections], rates["off", connections]
        kb = written["on", connections], written["off", connections]
        rows.append((connections, on["rate"], off["rate"], ratio(on, off), behind[connections], *kb, kb[0] / kb[1]))
        bench.got[f"sync ratio {connections}"] = ratio(on, off)
    table(("checkouts/s, connections", "with a hub", "without", ":", "behind", "KB written a sale", "without", ":"),
          rows)


def measure(bench):
    with contextlib.ExitStack() as stack:
        headquarters = stack.enter_context(Headquarters(bench))
        line = wire.Wire(headquarters.broker.port)
        stack.callback(line.close)
        line.start()
        acks = stack.enter_context(Acks(headquarters.broker.port))
        with Node(bench, line.url) as node:
            node.open()
            began = time.monotonic()
            node.rest()
            print(f"   {PRODUCTS:,} products with their stock brought to the hub: {time.monotonic() - began:.1f} s\n")
            wire_bytes(bench, node, line, acks)
            node.stop()
            node.connect(headquarters.broker.url)  # without the proxy, which takes time
            node.start()
            delays(bench, node, acks)
            backlog(bench, node, acks)
            memory(bench, node, headquarters.hub)
            cost(bench, node)
