#!/usr/bin/env python3
"""A till loses its disk: its names are kept, its database is gone, and headquarters gives back what the till had made.

Two nodes of a store sell, one of them takes back, voids and restocks; then its database is deleted and it begins anew,
at first with the wire cut. Its orders must be back as they were: by id, by receipt number, in the list, in its journal,
whole enough to return against, and for a till that asks again with its Idempotency-Key. Stock is equal everywhere, and
nothing is sent twice. `--orders N` (60; 2,000 with --long).
"""
import sys
import time

import estate
import till

ORDERS, LONG_ORDERS = 60, 2000
CHANGING = ("version", "updated_at")  # they count changes, and putting an order back is one


def sell(client, ids, key, pieces=1):
    body = {"fulfilment": "counter", "lines": [{"product_id": ids["cup"], "quantity": 1000 * pieces},
                                               {"product_id": ids["bag"], "quantity": 1000, "discount": 10,
                                                "reason": "a friend"}],
            "payments": [{"method": "cash", "tendered": 100_000}]}
    return body, client.call("POST", "/api/v1/orders", body, key=key)


def make_day(report, client, ids, count):
    """Sales, a return, a void and a restock at one node. → (orders by id, the first sale's body and order)"""
    first_body, first = sell(client, ids, "day-0", pieces=3)
    for n in range(1, count):
        report_if_wrong(report, sell(client, ids, f"day-{n}")[1])
    back = {"lines": [{"line_id": first.json["lines"][0]["id"], "quantity": 1000}], "reason": "broken",
            "refund": {"method": "cash"}}
    report_if_wrong(report, client.call("POST", f"/api/v1/orders/{first.json['id']}/returns", back, key="back-1"))
    wrong = sell(client, ids, "day-wrong")[1].json
    report_if_wrong(report, client.call("POST", f"/api/v1/orders/{wrong['id']}/void", {"reason": "wrong"}, key="void"))
    return {order["id"]: order for order in client.pages("/api/v1/orders")}, first_body, first.json


def report_if_wrong(report, answer):
    if answer.status != 201:
        report.equal("an order is made", 201, str(answer))


def shown(order):
    return {name: value for name, value in order.items() if name not in CHANGING}


def lose_disk(node):
    """Stops it, deletes its database and whatever belongs to that, starts it under the same names."""
    node.stop()
    for file in node.data.glob("shop.db*"):
        file.unlink()
    node.add_user()
    node.start()
    return node.login()


def check_back(report, node, client, before):
    after = {order["id"]: order for order in client.pages("/api/v1/orders")}
    wrong = [(shown(order), after.get(i)) for i, order in before.items() if shown(after.get(i, {})) != shown(order)]
    report.none(f"{len(before)} orders are back as they were", wrong)
    report.equal("in the same order", list(before), [i for i in after if i in before])
    journal = {entry["receipt_number"]: entry["hash"] for entry in client.pages("/api/v1/journal")}
    missing = [o["receipt_number"] for o in before.values() if o["receipt_number"] not in journal]
    report.none("their receipts stand in the journal", missing)
    verdict = client.must(200, "GET", "/api/v1/journal/verify")
    report.equal("the chain of the former life holds", (True, len(before), 0),
                 (verdict["intact"], verdict["former"], verdict["unproven"]))
    done = node.cli("journal", "verify", check=False)
    report.equal("and by the command line", 0, done.returncode)


def check_use(report, client, ids, body, first):
    """The first sale, of which one of three pieces came back."""
    found = list(client.pages(f"/api/v1/orders?receipt_number={first['receipt_number']}"))
    report.equal("a receipt is found by its number", [first["id"]], [order["id"] for order in found])
    again = client.call("POST", "/api/v1/orders", body, key="day-0")
    report.equal("a till that asks again gets the same order", (201, first["id"]), (again.status, again.json.get("id")))

    def back(pieces, key):
        draft = {"lines": [{"line_id": first["lines"][0]["id"], "quantity": 1000 * pieces}], "reason": "broken",
                 "refund": {"method": "cash"}}
        return client.call("POST", f"/api/v1/orders/{first['id']}/returns", draft, key=key)

    report.equal("what came back before counts", 409, back(3, "too-much").status)
    rest = back(2, "rest")
    report.equal("the rest can be returned", (201, first["id"]), (rest.status, rest.json.get("of_order_id")))
    report.equal("and no more", 409, back(1, "more").status)
    report.equal("new sales go on", 201, sell(client, ids, "new-1")[1].status)


def main():
    args = till.arguments(__doc__, orders={"type": int})
    count = args.orders or (LONG_ORDERS if args.long else ORDERS)
    report = till.Report()
    with estate.Estate(args) as tenant:
        _, client, other = tenant.open()
        node = tenant.nodes[0]
        ids = {sku: client.must(201, "POST", "/api/v1/products", {"name": sku, "sku": sku, "price": 300,
                                                                  "stock": 1_000_000})["id"] for sku in ("cup", "bag")}
        tenant.rest(report, time.monotonic(), "the catalogue")
        report_if_wrong(report, sell(other, ids, "other-1")[1])
        before, body, first = make_day(report, client, ids, count)
        tenant.rest(report, time.monotonic(), "the day")
        at_hub = sorted(order["id"] for order in tenant.hub.client().pages("/api/v1/orders"))
        stock = {sku: node.on_hand(client, ids[sku]) // 1000 for sku in ids}

        tenant.wires[0].cut()
        client = lose_disk(node)
        report.equal("without a line nothing is there", [], list(client.pages("/api/v1/orders")))
        tenant.wires[0].heal()
        tenant.rest(report, time.monotonic(), "the new disk")
        check_back(report, node, client, before)
        tenant.check_stock(report, ids, stock)
        told = sorted(order["id"] for order in tenant.hub.client().pages("/api/v1/orders"))
        report.check("headquarters heard of none twice", told == at_hub, f"{len(at_hub)} orders", len(told))

        check_use(report, client, ids, body, first)
        tenant.rest(report, time.monotonic(), "the first hour with it")
        tenant.check_stock(report, ids, {"cup": stock["cup"] + 2 - 1, "bag": stock["bag"] - 1})
        tenant.check_movements(report, ids)
        tenant.check_proofs(report)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
