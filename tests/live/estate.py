"""A tenant under test: a broker, the hub, and nodes of its stores, each behind a wire of its own that can be cut.

Used by the live tests and the bench of sync, on their own threads. It knows how to tell that all is at rest, and what
must then be equal everywhere; what was sold and edited the test knows. Everything listens on loopback.
"""
import time

import broker
import mqtt
import till
import wire

STORE = "main"
ACKNOWLEDGED_S = 30  # after the last fault
PULLED_S = 180  # after a thousand kills the nodes have much of each other to fetch
QUIET_S = 1.0  # several times what the hub waits between two doorbells
SHARED = ("name", "slug", "sku", "barcodes", "brand", "description", "images", "category_ids", "price", "currency",
          "tax_class", "unit", "stock_policy", "low_stock", "active")  # of a product; all others are each replica's own

TOLD = ("id", "status", "kind", "entity", "row_id", "field", "base", "ours", "theirs", "policy", "winner", "node",
        "user_id", "at")  # of a conflict


class Hub(till.Program):
    """A tillhub."""

    name = "tillhub"
    refusals = "till_hub_refused_total"  # of messages, in /metrics

    def __init__(self, tillhub, url, currency=till.CONFIG["store.currency"]):
        super().__init__(tillhub, {"hub.currency": currency, "mqtt.url": url})

    def place(self):
        return ["--db", f"sqlite:{self.home}/data/hub.db"]

    def on_hand(self, client, product_id):
        found = client.must(200, "GET", f"/api/v1/inventory/{product_id}?store={STORE}")["items"]
        return sum(stock["on_hand"] for stock in found)  # none if it never moved there


class Node(till.Till):
    """A tilld that has a hub, at the end of a wire. `title` begins its receipt numbers."""

    refusals = "till_sync_refused_total"

    def __init__(self, tilld, title, url):
        super().__init__(tilld, till.CONFIG | {"store.store": STORE, "store.node": title, "mqtt.url": url})
        self.title = title

    def on_hand(self, client, product_id):
        return client.must(200, "GET", f"/api/v1/inventory/{product_id}")["on_hand"]


class Estate:
    """`with Estate(args) as tenant: tenant.open()` leaves neither processes nor files behind."""

    def __init__(self, args, titles=("A1", "B1"), seed=0):
        self.broker = broker.Broker()
        self.wires = [wire.Wire(self.broker.port, seed=seed + n) for n in range(len(titles))]
        self.hub = Hub(args.tillhub, self.broker.url)
        self.nodes = [Node(args.tilld, title, line.url) for title, line in zip(titles, self.wires)]
        self.programs = [self.hub, *self.nodes]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for part in (*self.nodes, self.hub, *self.wires, self.broker):
            part.close()

    def open(self):
        """All of it serving, each program with one manager. → the managers' clients, the hub's first"""
        self.broker.start()
        for line in self.wires:
            line.start()
        return [program.open_with_manager() for program in self.programs]

    def login(self):
        """Fresh tokens for all managers, which are good for fifteen minutes."""
        for program in self.programs:
            program.login()

    def clients(self):
        """New connections of all managers, the hub's first: one that is idle for a minute is closed."""
        return [program.client() for program in self.programs]

    def unacknowledged(self):
        """What the hub does not have yet, in words."""
        found = []
        for node in self.nodes:
            status = status_of(node)
            found += [] if status["welcomed"] else [f"{node.title} is not welcomed"]
            found += [f"{node.title} {stream['name']}: {stream['lag']}" for stream in status["streams"]
                      if stream["lag"]]
        return found

    def behind(self):
        """What a node does not have yet, in words."""
        heads = self.doorbells()
        return [f"{node.title} {scope['name']}: at {scope['rev']} of {heads.get(scope['name'], 0)}"
                for node in self.nodes for scope in status_of(node)["scopes"]
                if scope["rev"] != heads.get(scope["name"], 0)]

    def doorbells(self):
        """Scope → the newest rev that the hub has told of; the broker retains it."""
        topics = {f"till/1/shop/head/@store/{STORE}": "store", "till/1/shop/head/@tenant": "tenant"}
        with mqtt.Client(self.broker.port, "bystander") as client:
            client.subscribe(*topics)
            heard = [client.receive(0.5) for _ in topics]
        return {topics[bell.topic]: int(bell.payload) for bell in heard if bell}

    def rest(self, report, since, what):
        """Waits until nothing is on its way, and reports how long that took after `what`, at `since` (monotonic)."""
        settle(report, f"all acknowledged after {what}", self.unacknowledged, since, ACKNOWLEDGED_S)
        settle(report, f"all pulled after {what}", self.behind, since, PULLED_S)

    def check_stock(self, report, ids, ledger):
        """`ledger`: SKU → pieces that must be on hand at each node and at the hub."""
        wrong, clients = [], self.clients()
        for sku, pieces in ledger.items():
            found = [program.on_hand(client, ids[sku]) for program, client in zip(self.programs, clients)]
            wrong += [(sku, pieces * 1000, found)] if set(found) != {pieces * 1000} else []
        report.none(f"stock: {len(ledger)} products, hub = nodes = ledger", wrong)

    def check_movements(self, report, ids):
        """The ledger of each node explains what it has on hand."""
        for node in self.nodes:
            client, wrong = node.client(), []
            for sku, product_id in ids.items():
                on_hand = node.on_hand(client, product_id)
                moved = sum(m["moved"] for m in client.pages(f"/api/v1/inventory/{product_id}/movements"))
                wrong += [(sku, on_hand, moved)] if on_hand != moved else []
            report.none(f"stock: on hand = sum of movements at {node.title}", wrong)

    def check_products(self, report):
        """→ id → the product as all show it"""
        hub, *nodes = ({p["id"]: {name: p[name] for name in SHARED} for p in client.pages("/api/v1/products")}
                       for client in self.clients())
        for node, rows in zip(self.nodes, nodes):
            wrong = [(hub.get(i), rows.get(i)) for i in hub.keys() | rows.keys() if hub.get(i) != rows.get(i)]
            report.none(f"products: {len(hub)} at {node.title} as at the hub", wrong)
        return hub

    def check_conflicts(self, report):
        """The journal of clashes is one everywhere. → its entries"""
        hub, *nodes = ({c["id"]: {name: c[name] for name in TOLD} for c in client.pages("/api/v1/sync/conflicts")}
                       for client in self.clients())
        for node, found in zip(self.nodes, nodes):
            wrong = [(hub.get(i), found.get(i)) for i in hub.keys() | found.keys() if hub.get(i) != found.get(i)]
            report.none(f"conflicts: {len(hub)} at {node.title} as at the hub", wrong)
        return list(hub.values())

    def check_proofs(self, report):
        """Chains and digests, by the API and by the command line."""
        for program in self.programs:
            answer = program.client().must(200, "GET", "/api/v1/journal/verify")
            report.check(f"journal: the chain at {program.name} {program.port}", answer["intact"], "intact", answer)
        for node in self.nodes:
            digest = status_of(node)["digest"]
            report.check(f"digest: {node.title} has the hub's rows", digest["matched_at"] and not digest["mismatches"],
                         "matched, and not unequal since", digest)
            for words in (("journal", "verify"), ("sync", "verify")):
                done = node.cli(*words, check=False)
                report.check(f"{' '.join(words)} at {node.title}", done.returncode == 0, "exit 0",
                             f"{done.returncode} {done.stdout}{done.stderr}")


def settle(report, title, left_of, since, limit_s):
    """Waits until nothing is left for a while: a doorbell rings a little later than the hub acknowledges."""
    quiet_since = time.monotonic()
    while (left := left_of()) or time.monotonic() - quiet_since < QUIET_S:
        quiet_since = time.monotonic() if left else quiet_since
        if quiet_since - since > limit_s:
            break
        time.sleep(0.05)
    report.check(f"{title}: {quiet_since - since:.1f} s", not left, f"in {limit_s} s", left)


def status_of(program):
    return program.client().must(200, "GET", "/api/v1/sync/status")


def edit(client, product_id, change):
    """Changes the product as it is shown there. → (answer, the product as its editor saw it)"""
    path = f"/api/v1/products/{product_id}"
    seen = client.must(200, "GET", path)
    return client.call("PATCH", path, change, headers={"If-Match": f'"{seen["version"]}"'}), seen
