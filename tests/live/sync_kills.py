#!/usr/bin/env python3
"""Two nodes, the hub and the broker under kill -9 while tills sell and staff edit: nothing answered is lost or doubled.

What is killed, and when, is drawn from the printed seed, and so is which wire is cut or falls silent meanwhile. The
broker keeps all in memory: its queues and sessions die with it. `--kills N` (50; 1,000 with --long); `--seed S` draws
the same again.

Cashiers are those of kills.py, at both nodes. Editors, at both nodes and at the hub, change products that nobody sells;
each edit writes a text of its own, so that it can be followed. An edit that was accepted must be what all show in the
end, or have been replaced by somebody who saw it, or stand in the journal of conflicts: no other way may it vanish.

At the end, 30 s after the last fault at the latest, nothing is unacknowledged. Then orders, receipts, stock, products,
conflicts, chains and digests are compared, at the nodes, at the hub and with what was answered.
"""
import collections
import contextlib
import random
import sys
import threading
import time

import estate
import kills
import retail
import store_day
import till

CASHIERS = 2  # a node
BUSY_S = 0.9  # longest time between two faults
EARLY = 0.2  # share of kills that hit a program which may still be starting
CUT_S = 1.5  # longest time that a wire is cut, or silent
EDITED = 12  # products that staff edit
FIELDS = ("name", "description", "brand", "price")


class Editor(threading.Thread):
    """A member of staff at one program: edits one field after the other, pausing like somebody who types fast."""

    def __init__(self, name, program, product_ids, closing, chance):
        super().__init__()
        self.name, self.program, self.ids, self.closing, self.chance = name, program, product_ids, closing, chance
        self.client = program.client(timeout_s=5)
        self.edits = []  # (product, field, value seen, value written, is accepted)
        self.error = None

    def run(self):
        try:
            n = 0
            while not self.closing.wait(self.chance.uniform(0, 0.1)):
                n += 1
                self.edit(n)
        except (Exception, SystemExit) as error:  # a thread's end must be seen: main() reports it
            self.error = repr(error)

    def edit(self, n):
        product_id, field = self.chance.choice(self.ids), self.chance.choice(FIELDS)
        # A price tells its author, too: 1,000,000s for the editor, below that for the edit.
        value = int(self.name) * 1_000_000 + n if field == "price" else f"{field} by {self.name}, edit {n}"
        path, seen = f"/api/v1/products/{product_id}", None
        with contextlib.suppress(*till.GONE):
            shown = self.client.get(path)
            if shown.status == 401:  # fifteen minutes are over
                self.client.token = self.program.login().token
            if shown.status != 200:  # starting or ending
                return
            seen = shown.json
            answer = self.client.call("PATCH", path, {field: value}, headers={"If-Match": f'"{seen["version"]}"'})
            if answer.status not in (200, 412, 503):
                raise ValueError(f"{path}: {answer}")
            if answer.status == 200:
                self.edits.append((product_id, field, seen[field], value, True))
            return
        if seen:  # no answer: it may have been taken
            self.edits.append((product_id, field, seen[field], value, False))


class Faults:
    """Kills, and breaks of the wires. What was killed is started again at once; a timer heals the wire."""

    def __init__(self, tenant, chance):
        self.tenant, self.chance = tenant, chance
        self.counts = collections.Counter()

    def program(self, program):
        if self.chance.random() >= EARLY and self.counts[program]:
            program.wait_ready()
        program.kill()
        program.spawn()
        self.counts[program] += 1

    def broker(self, broker):
        broker.kill()
        time.sleep(self.chance.uniform(0, 0.3))
        broker.start()
        self.counts[broker] += 1

    def wire(self, wire):
        self.chance.choice((wire.cut, wire.stall))()
        timer = threading.Timer(self.chance.uniform(0, CUT_S), wire.heal)
        timer.start()
        self.counts["wires"] += 1

    def again_and_again(self, kills_wanted):
        victims = [*((self.program, p) for p in self.tenant.programs), (self.broker, self.tenant.broker)]
        for _ in range(kills_wanted):
            time.sleep(self.chance.uniform(0, BUSY_S))
            if self.chance.random() < 0.3:
                self.wire(self.chance.choice(self.tenant.wires))
            strike, victim = self.chance.choice(victims)
            strike(victim)

    def heal(self):
        """All is well again. → when that was"""
        time.sleep(CUT_S)
        for program in self.tenant.programs:
            program.wait_ready()
        return time.monotonic()


def import_catalogue(node, day):
    """The day's products and those that are edited. → (SKU → id of the first, ids of the others)"""
    edited = [retail.Product(f"EDIT{n}", f"For staff to edit {n}", 100 + n, False, ()) for n in range(EDITED)]
    catalogue = node.home / "catalogue.csv"
    catalogue.write_text(retail.to_csv([*day.products.values(), *edited]))
    node.cli("import", "products", catalogue)
    rows = {row["sku"]: row["id"] for row in node.login().pages("/api/v1/products")}
    return {sku: rows[sku] for sku in day.products}, [rows[p.sku] for p in edited]


def check_edits(report, editors, shown, conflicts):
    """No accepted edit has vanished in silence."""
    journal = {(c["row_id"], c["field"], c[side]) for c in conflicts if c["field"] in FIELDS
               for side in ("ours", "theirs")}
    edits = [edit for editor in editors for edit in editor.edits]
    last = {(product, field, shown[product][field]) for product, field, *_ in edits}
    traced = last | journal | {(product, field, seen) for product, field, seen, _, _ in edits}
    # Only an edit that was taken replaces what its editor saw: one without an answer was, if it left a trace.
    replaced = {(product, field, seen) for product, field, seen, value, accepted in edits
                if accepted or (product, field, value) in traced}
    lost = [(product, field, value) for product, field, _, value, accepted in edits
            if accepted and (product, field, value) not in last | journal | replaced]
    accepted = sum(edit[4] for edit in edits)
    print(f"      {accepted} edits accepted, {len(edits) - accepted} without an answer, {len(conflicts)} conflicts")
    report.none(f"edits: of {accepted} each is shown, was replaced by who saw it, or stands in the journal", lost)
    report.check("edits: some clashed", bool(conflicts), "at least one conflict", conflicts)


def main():
    fresh = random.SystemRandom().randrange(1 << 32)
    args = till.arguments(__doc__, kills={"type": int}, seed={"type": int, "default": fresh})
    wanted = args.kills or (1_000 if args.long else 50)
    report = till.Report(args.seed)
    lines = retail.read([till.DAY])
    day = retail.Day(lines + store_day.made_up(lines), retail.catalogue(lines))
    print(f"seed {args.seed}, {wanted} kills, {CASHIERS} cashiers a node, {len(day.steps)} steps a day")
    with estate.Estate(args, seed=args.seed) as tenant:
        tenant.open()
        ids, edited = import_catalogue(tenant.nodes[0], day)
        tenant.rest(report, time.monotonic(), "the import")
        books, closing = [kills.Book(day.products) for _ in tenant.nodes], threading.Event()
        cashiers = [kills.Cashier(n, node, day, ids, book, closing)
                    for node, book in zip(tenant.nodes, books) for n in range(CASHIERS)]
        editors = [Editor(str(n), program, edited, closing, random.Random(f"{args.seed}/{n}"))
                   for n, program in enumerate(tenant.programs, 1)]
        faults = Faults(tenant, random.Random(args.seed))
        for thread in (*cashiers, *editors):
            thread.start()
        try:
            faults.again_and_again(wanted)
            healed = faults.heal()
        finally:
            closing.set()
            for thread in (*cashiers, *editors):
                thread.join()
        asked, repeated, rescued = (sum(numbers) for numbers in zip(*(
            (len(book.asked), book.repeats, book.rescued) for book in books)))
        print(f"      {asked} POSTs, {repeated} repeated, {rescued} of these were booked already,"
              f" {faults.counts['wires']} broken wires")
        report.none("cashiers and editors: nobody gave up", [t.error for t in (*cashiers, *editors) if t.error])
        tenant.login()
        tenant.rest(report, healed, "the last fault")
        check_sales(report, tenant, books)
        opening = {sku: retail.OPENING if p.goods else 0 for sku, p in day.products.items()}
        tenant.check_stock(report, ids, {sku: n + sum(book.moved[sku] for book in books)
                                                  for sku, n in opening.items()})
        check_edits(report, editors, tenant.check_products(report), tenant.check_conflicts(report))
        tenant.check_proofs(report)
        for program in tenant.programs:
            report.equal(f"stop: exit code of {program.name}", 0, program.stop())
    return report.end()


def check_sales(report, tenant, books):
    """Each node's orders, there and at the hub."""
    at_hub = list(tenant.hub.client().pages("/api/v1/orders"))
    for node, book in zip(tenant.nodes, books):
        kills.check_orders(report, list(node.client().pages("/api/v1/orders")), book, node.title)
        own = [row for row in at_hub if row["receipt_number"].startswith(node.title + "-")]
        kills.check_orders(report, own, book, f"{node.title} at the hub")
    report.equal("hub: no other order", sum(len(book.orders) for book in books), len(at_hub))


if __name__ == "__main__":
    sys.exit(main())
