#!/usr/bin/env python3
"""Hostile input on MQTT, to the hub and to a node: refused and counted, nobody is stalled, memory stays flat.

The broker on loopback lets everybody in, so whoever can reach it may publish what he likes on any topic. First
messages that no key makes true, then true ones in the wrong place, then those of a stranger who has enrolled and lies
within what is sealed (forger.py), at last a flood under one name. After each group a sale is made at a real node, and
must be at the hub at once; what was refused must be counted in /metrics.
"""
import secrets
import sys
import time

import estate
import forger
import mqtt
import till

AT_ONCE_S = 3.0  # a sale to the hub, on a machine that may be building beside it
FLAT_KB = 12 << 10  # growth of the resident set over all cases
FLOOD = 3_000  # messages with QoS 1, as many again without
DEEP = b"[" * 50_000 + b"]" * 50_000
A1 = f"{forger.ROOT}/main/A1"
QUIET_S = 3.0  # in which a false doorbell must not set a node's wire alight
QUIET_BYTES = 20_000


class Scene:
    """The tenant, what is sold there meanwhile, and the attacker's line to its broker."""

    def __init__(self, tenant, clients, product):
        self.tenant, self.hub, self.till, self.product = tenant, clients[0], clients[1], product
        self.client = mqtt.Client(tenant.broker.port, "attacker")
        self.sold = 0

    def publish(self, topic, payload):
        """→ False if the broker does not pass it on."""
        try:
            return self.client.publish(topic, payload) < 0x80
        except ConnectionError:  # it is shown the door
            self.client = mqtt.Client(self.tenant.broker.port, "attacker")
            return False

    def refused(self, program, limit_s, wanted):
        """What `program` has refused, once it is `wanted` or time is over."""
        until = time.monotonic() + limit_s
        while (found := program.counted(program.refusals)) < wanted and time.monotonic() < until:
            time.sleep(0.01)
        return found

    def check_refused(self, report, title, program, topic, payload):
        """One message: taken by the broker, then refused and counted there; or refused by the broker already."""
        before = program.counted(program.refusals)
        found = self.refused(program, 2, before + 1) - 1 if self.publish(topic, payload) else before
        report.check(f"{title}: refused", found == before, "one more refusal", found + 1 - before)

    def check_alive(self, report, after):
        """A sale, and how long it takes to the hub."""
        self.sold += 1
        body = {"fulfilment": "counter", "lines": [{"product_id": self.product["id"], "quantity": 1000}],
                "payments": [{"method": "cash", "tendered": 100_000}]}
        order = self.till.must(201, "POST", "/api/v1/orders", body, key=f"alive-{self.sold}")
        began = time.monotonic()
        while self.hub.get(f"/api/v1/orders/{order['id']}").status != 200 and time.monotonic() - began < 2 * AT_ONCE_S:
            time.sleep(0.01)
        report.at_most(f"after {after}: a sale is at the hub", AT_ONCE_S, time.monotonic() - began, "s")


def misplaced(scene):
    """(title, topic, payload): a real message of A1, listened to on the wire, then changed or put elsewhere."""
    with mqtt.Client(scene.tenant.broker.port, "listener") as listener:
        listener.subscribe(f"{A1}/up/sale", f"{A1}/pull")
        scene.till.must(200, "POST", f"/api/v1/inventory/{scene.product['id']}/receive",
                        {"quantity": 1000, "reason": "overheard"}, key=secrets.token_hex(8))
        real = listener.receive(5).payload
    flipped = bytearray(real)
    flipped[-1] ^= 1
    return [("one bit of a real message", f"{A1}/up/sale", bytes(flipped)),
            ("a real message without its end", f"{A1}/up/sale", real[:-1]),
            ("a real message and one byte more", f"{A1}/up/sale", real + b"\0"),
            ("a real message on another stream's topic", f"{A1}/up/shop", real),
            ("a real message as a hello", f"{A1}/hello", real),
            ("a real message under another node", f"{forger.ROOT}/main/B1/up/sale", real),
            ("a real message under another store", f"{forger.ROOT}/other/A1/up/sale", real)]


def forged(stranger):
    """(title, content): sealed by the stranger's own key, and not what the grammar allows."""
    up, good = stranger.up_content, forger.envelope(b"body")
    return [("an unknown type", b"\x09" + stranger.session()), ("a hub's message", bytes([forger.ACK]) + bytes(90)),
            ("an unknown stream", up([good], stream=7)), ("an unknown kind", up([forger.envelope(b"body", kind=9)])),
            ("seq 0", up([good], first=0)), ("seq below zero", up([good], first=-5)),
            ("more envelopes announced than there are", up([good], count=900)),
            ("1,001 envelopes", up([forger.envelope(b"") for _ in range(1001)])),
            ("a body of 3 MB and one", up([forger.envelope(bytes((3 << 20) + 1))])),
            ("something behind the end", up([good]) + b"more")]


def poison():
    """(title, envelope): well-formed for the wire, but nothing a shop could have written."""
    edit = forger.edit_body
    return [("a body of random bytes as an order", forger.envelope(secrets.token_bytes(300), kind=forger.ORDER)),
            ("a body of random bytes as stock", forger.envelope(secrets.token_bytes(60))),
            ("an empty body", forger.envelope(b"")),
            ("a schema of the future", forger.envelope(b"body", schema=200)),
            ("an edit of an unknown entity", forger.envelope(edit({}, entity=99), kind=forger.EDIT)),
            ("an unknown action", forger.envelope(edit({}, action=99), kind=forger.EDIT)),
            ("a field that is no UTF-8", forger.envelope(edit({b"name": b"\xff\xfe"}), kind=forger.EDIT)),
            ("a field of 100,000 brackets", forger.envelope(edit({b"name": DEEP}), kind=forger.EDIT)),
            ("fields that nobody knows", forger.envelope(edit({
                b"name": b'"Forged"', b"sku": b'"FORGED"', b"currency": b'"GBP"', b"": b"1", b"x" * 60: b"[]"}),
                kind=forger.EDIT))]


def attack_hub(report, scene, stranger):
    hub = scene.tenant.hub
    for title, payload in forger.wrongly_framed():
        scene.check_refused(report, f"hub: {title}", hub, f"{A1}/up/sale", payload)
    scene.check_alive(report, "bad frames")
    for title, topic, payload in misplaced(scene):
        scene.check_refused(report, f"hub: {title}", hub, topic, payload)
    scene.check_refused(report, "hub: a hello for A1 with a key of one's own", hub, f"{A1}/hello",
                        stranger.hello(f"{A1}/hello"))
    scene.check_alive(report, "misplaced messages")
    topic = f"{stranger.base}/up/sale"
    for title, content in forged(stranger):
        scene.check_refused(report, f"hub: {title}", hub, topic, forger.seal(content, stranger.key, topic, True))
    bomb = forger.seal(bytes(64 << 20), stranger.key, topic, deflate=True)
    scene.check_refused(report, "hub: 64 MB of zeros, deflated", hub, topic, bomb)
    scene.check_alive(report, "forged messages")
    held = estate.status_of(hub)["quarantined"]
    for title, envelope in poison():
        report.check(f"hub: {title}: acknowledged, so that it stalls nobody", stranger.moved_on([envelope]), "an ack",
                     "none, or another")
    report.check("hub: and it is kept in quarantine", estate.status_of(hub)["quarantined"] > held, f"more than {held}",
                 estate.status_of(hub)["quarantined"])
    scene.check_alive(report, "poison")


def attack_node(report, scene):
    node = scene.tenant.nodes[0]
    for last in ("welcome", "up/sale/ack", "page"):
        for title, payload in forger.wrongly_framed():
            scene.check_refused(report, f"node: {title} as {last}", node, f"{A1}/{last}", payload)
    with mqtt.Client(scene.tenant.broker.port, "listener") as listener:
        listener.subscribe(f"{A1}/pull")
        for scope in ("@tenant", "@store/main"):
            for bell in (b"", b"soon", b"-1", b"1" * 400, b"9223372036854775807"):
                scene.client.publish(f"{forger.ROOT}/head/{scope}", bell, retain=True)
        until, heard = time.monotonic() + QUIET_S, 0
        while message := listener.receive(max(until - time.monotonic(), 0)):
            heard += len(message.payload)
    report.at_most("node: false doorbells make it ask for no more than", QUIET_BYTES, heard, "bytes")
    answer, _ = estate.edit(scene.hub, scene.product["id"], {"price": 101})  # and the hub's own bells ring again
    report.equal("hub: an edit after false doorbells", 200, answer.status)
    scene.check_alive(report, "an attack on the node")


def flood(report, scene, stranger):
    """Under one name: true hellos and garbage, as fast as the broker takes them."""
    began = time.monotonic()
    hello, garbage = stranger.hello(), secrets.token_bytes(1024)
    for n in range(FLOOD):
        scene.client.publish(f"{stranger.base}/hello", hello)
        scene.client.publish(f"{stranger.base}/up/sale", garbage, qos=0)
        if n == FLOOD // 2:
            scene.check_alive(report, f"{n} of {FLOOD} hellos, and in the middle of more")
    print(f"      {2 * FLOOD / (time.monotonic() - began):.0f} messages/s")
    scene.check_alive(report, "a flood")


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with estate.Estate(args, titles=("A1",)) as tenant:
        clients = tenant.open()
        goods = clients[1].must(201, "POST", "/api/v1/products", {"name": "What is sold", "sku": "SOLD", "price": 100})
        tenant.rest(report, time.monotonic(), "a product was made")
        scene = Scene(tenant, clients, goods)
        scene.check_alive(report, "nothing yet")
        stranger = forger.Stranger(mqtt.Client(tenant.broker.port, "stranger"), "elsewhere", "X1")
        before = [program.memory_kb() for program in tenant.programs]
        attack_hub(report, scene, stranger)
        attack_node(report, scene)
        flood(report, scene, stranger)
        grown = [program.memory_kb() - kb for program, kb in zip(tenant.programs, before)]
        report.at_most("memory: the hub has grown by", FLAT_KB, grown[0], "KB")
        report.at_most("memory: the node has grown by", FLAT_KB, grown[1], "KB")
        tenant.rest(report, time.monotonic(), "the last attack")
        tenant.check_products(report)
        tenant.check_proofs(report)
        for program in tenant.programs:
            report.equal(f"stop: exit code of {program.name}", 0, program.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
