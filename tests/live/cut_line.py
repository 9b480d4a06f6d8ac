#!/usr/bin/env python3
"""A store's day with two nodes, a hub and a line that is cut at noon: nothing lost, nothing doubled, nothing unequal.

The catalogue is imported at one node. Both sell the real invoices, side by side: every other one each, a return where
its sale was made. At noon both wires are cut; both go on selling. Meanwhile staff edit one product at a node and at
the hub, another at the other node alone, another at the hub alone, and count a shelf that the other node sells from.
The wires come back at half past two, and the rest of the day is sold while the backlog drains. Rules: retail.py;
`--day`, `--month` and `--long` as in store_day.

Checked at rest: every invoice is at the hub once, to the penny; receipts of each node without a gap; stock of nodes,
hub and CSV; both clashes journalled everywhere with both values and one winner; products, chains and digests; the
trace id of every sale in its node's log and in the hub's.
"""
import collections
import concurrent.futures
import pathlib
import secrets
import sys
import time

import estate
import retail
import store_day
import till

NOON, BACK = "12:00:00", "14:30:00"
CUT_S = 2  # that the line stays cut when all is sold and edited: time to try in vain
COUNTED = 50  # pieces found on the shelf
BEFORE, AFTER = 3, 2  # sold of them by the other node before and after the count
APART_S = 0.05  # between the count and these sales: clocks order what two nodes do


class Counter:
    """A node's till: sells its share of the day."""

    def __init__(self, node, day, ids):
        self.node, self.day, self.ids = node, day, ids
        self.client = node.client()
        self.sales, self.orders, self.traces, self.wrong = {}, {}, {}, []

    def replay(self, steps):
        for step in steps:
            path, body = retail.request(step, self.ids, self.sales, self.day.products)
            trace = secrets.token_hex(16)
            answer = self.client.call("POST", path, body, key=step.key,
                                      headers={"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"})
            if answer.status // 100 != 2:
                self.wrong.append(f"{self.node.title} {step.kind} {step.key}: {answer}")
            elif step.kind in ("sale", "return", "blind"):
                self.orders[step.key], self.traces[step.key] = answer.json, trace
                if step.kind == "sale":
                    self.sales[step.key] = answer.json


class Plan:
    """Who sells what, and when: `morning`, `cut` and `evening` hold a list of steps for each node."""

    def __init__(self, day, lines):
        begun = {}
        for line in lines:
            begun.setdefault(line.invoice, line.when)
        dates = sorted({when.split()[0] for when in begun.values()})
        self.noon = f"{dates[len(dates) // 2]} {NOON}"
        self.back = f"{dates[len(dates) * 3 // 4]} {BACK}"  # of a month, a week later
        self.morning, self.cut, self.evening = ([], []), ([], []), ([], [])
        taken = {}  # key → node
        invoices = {invoice: n % 2 for n, invoice in enumerate(begun)}
        for n, step in enumerate(day.steps):
            taken[step.key] = taken[step.of] if step.of else invoices.get(step.invoice, n % 2)
            when = begun.get(step.invoice, "")
            part = self.morning if when < self.noon else self.cut if when < self.back else self.evening
            part[taken[step.key]].append(step)

    def left_alone(self, day):
        """Goods that nobody touches after the morning, in a fixed order."""
        late = {item.sku for steps in (*self.cut, *self.evening) for step in steps for item in step.items}
        return sorted(sku for sku, p in day.products.items() if p.goods and p.price > 0 and sku not in late)


def sell(counters, part):
    """Both at once."""
    with concurrent.futures.ThreadPoolExecutor(len(counters)) as pool:
        list(pool.map(Counter.replay, counters, part))


def import_catalogue(shop, day):
    job = shop.must(202, "POST", "/api/v1/products/imports", retail.to_csv(day.products.values()).encode(),
                    headers={"Content-Type": "text/csv"})
    store_day.finished(shop, f"/api/v1/products/imports/{job['id']}")
    return {row["sku"]: row["id"] for row in shop.pages("/api/v1/products")}


def made_up_sale(name, product, pieces):
    """A step that is in no file: some pieces at the usual price."""
    item = retail.Item(product.sku, product.barcodes[0], pieces, product.price, product.price)
    return retail.Step(name, name, "sale", (item,), pieces * product.price)


def check_cut(report, tenant, hub, counters, plan):
    """Nobody is in touch, and no order made since noon is at the hub."""
    time.sleep(CUT_S)
    made = [counter.orders[step.key]["id"] for counter, steps in zip(counters, plan.cut) for step in steps
            if step.key in counter.orders]
    report.none("cut: both nodes know it", [n.title for n in tenant.nodes if estate.status_of(n)["connected"]])
    report.none(f"cut: none of {len(made)} orders came through",
                [i for i in made if hub.get(f"/api/v1/orders/{i}").status != 404])


def edit_and_count(report, clients, counters, ids, products):
    """What staff do while the line is cut. `products`: four that nobody sells. → the products as they must become"""
    hub, a, b = clients
    both, at_node, at_hub, counted = products
    changes = ((a, both, {"name": "Renamed at the counter", "price": both.price + 11}),
               (hub, both, {"name": "Renamed at headquarters", "price": both.price + 22}),
               (b, at_node, {"name": "Known at one till", "brand": "Corner", "barcodes": [*at_node.barcodes, "77"]}),
               (hub, at_hub, {"description": "As headquarters has it", "price": at_hub.price + 33}))
    for client, product, change in changes:
        answer, _ = estate.edit(client, ids[product.sku], change)
        report.check(f"edit of {product.sku}: taken with the line cut, and shown at once",
                     answer.status == 200 and answer.json.items() >= change.items(), change, answer)
    counters[1].replay([made_up_sale("BEFORE", counted, BEFORE)])
    time.sleep(APART_S)
    a.must(200, "POST", f"/api/v1/inventory/{ids[counted.sku]}/count",
           {"quantity": COUNTED * 1000, "reason": "the shelf, counted"}, key="count")
    time.sleep(APART_S)
    counters[1].replay([made_up_sale("AFTER", counted, AFTER)])
    return {ids[both.sku]: {"name": "Renamed at the counter", "price": both.price + 22},
            ids[at_node.sku]: changes[2][2], ids[at_hub.sku]: changes[3][2]}


def check_orders(report, clients, counters, day, lines):
    """At the hub each answered order once, whatever was answered and nothing else, to the penny."""
    answered = {order["id"]: order for counter in counters for order in counter.orders.values()}
    rows = list(clients[0].pages("/api/v1/orders"))
    listed = collections.Counter(row["id"] for row in rows)
    report.equal("hub: every order once", (len(answered), len(answered)), (len(rows), len(listed)))
    report.none("hub: no order is lost", list(answered.keys() - listed.keys()))
    report.none("hub: no order is made up", list(listed.keys() - answered.keys()))
    at_hub = {i: clients[0].must(200, "GET", f"/api/v1/orders/{i}") for i in answered if i in listed}
    names = ("receipt_number", "kind", "business_date", "subtotal", "discount", "tax", "total", "change", "lines",
             "payments")
    report.none("hub: receipt, lines, taxes and payments as they were answered",
                [(name, answered[i][name], order[name]) for i, order in at_hub.items() for name in names
                 if order[name] != answered[i][name]])
    from_hub = {key: at_hub[order["id"]] for counter in counters for key, order in counter.orders.items()
                if order["id"] in at_hub}
    store_day.check_money(report, day, lines, from_hub)
    for counter, client in zip(counters, clients[1:]):
        store_day.check_numbers(report, [row for row in rows if row["receipt_number"].startswith(counter.node.title)])
        report.equal(f"orders: {counter.node.title} lists its own", len(counter.orders),
                     len(list(client.pages("/api/v1/orders"))))


def check_clash(report, conflicts, product_id, product):
    """Price: the hub's stays (hub_wins). Name: what the hub received last, the node's (latest)."""
    found = {c["field"]: tuple(c[name] for name in ("base", "ours", "theirs", "policy", "winner"))
             for c in conflicts if c["row_id"] == product_id}
    price = product.price
    report.equal("conflicts: the price and the name, with both values", {
        "price": (price, price + 22, price + 11, "hub_wins", "ours"),
        "name": (product.name, "Renamed at headquarters", "Renamed at the counter", "latest", "theirs")}, found)


def check_traces(report, tenant, counters):
    at_hub = tenant.hub.log.read_text()
    for counter in counters:
        log = counter.node.log.read_text()
        report.none(f"traces: every order of {counter.node.title} in its log and in the hub's",
                    [(key, trace) for key, trace in counter.traces.items() if trace not in log or trace not in at_hub])


def ledger_of(day):
    ledger = {sku: retail.OPENING if p.goods else 0 for sku, p in day.products.items()}
    for step in day.steps:
        for sku, pieces in retail.moves(step, day.products).items():
            ledger[sku] += pieces
    return ledger


def main():
    args = till.arguments(__doc__, day={"type": pathlib.Path, "default": till.DAY}, month={"type": pathlib.Path})
    lines = retail.read(store_day.files_of(args))
    lines += store_day.made_up(lines)
    day = retail.Day(lines, retail.catalogue(lines))
    plan = Plan(day, lines)
    report = till.Report()
    print(f"{len(day.steps)} steps; cut from {plan.noon} to {plan.back}: {sum(map(len, plan.cut))} of them")
    with estate.Estate(args) as tenant:
        clients = tenant.open()
        ids = import_catalogue(clients[1], day)
        tenant.rest(report, time.monotonic(), "the import")
        counters = [Counter(node, day, ids) for node in tenant.nodes]
        sell(counters, plan.morning)
        for wire in tenant.wires:
            wire.cut()
        sell(counters, plan.cut)
        products = [day.products[sku] for sku in plan.left_alone(day)[:4]]
        wanted = edit_and_count(report, clients, counters, ids, products)
        check_cut(report, tenant, clients[0], counters, plan)
        for wire in tenant.wires:
            wire.heal()
        back = time.monotonic()
        sell(counters, plan.evening)
        tenant.rest(report, back, "the wires came back")
        report.none(f"replay: {len(day.steps)} steps answered", [w for counter in counters for w in counter.wrong])
        check_orders(report, clients, counters, day, lines)
        tenant.check_stock(report, ids, ledger_of(day) | {products[3].sku: COUNTED - AFTER})
        tenant.check_movements(report, ids)
        shown = tenant.check_products(report)
        report.none("products: every edit became what its policy says",
                    [(i, change, shown[i]) for i, change in wanted.items() if not shown[i].items() >= change.items()])
        check_clash(report, tenant.check_conflicts(report), ids[products[0].sku], products[0])
        tenant.check_proofs(report)
        check_traces(report, tenant, counters)
        for program in (*tenant.nodes, tenant.hub):
            report.equal(f"stop: exit code of {program.name}", 0, program.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
