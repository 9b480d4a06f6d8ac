"""Writes messages of sync byte by byte, so that a test can lie in each of them; and a stranger who may send them: a
node that no shop has, enrolled as any node is where the broker is on loopback, by its first hello.

Used by sync_hostile, and by the bench to read acknowledgements. The grammars are those of sync/core (message.h,
envelope.h, seal.h, edit.h) and base/wire.h.
"""
import hashlib
import hmac
import secrets
import time
import zlib

from mqtt import number  # MQTT's variable byte integer is base/wire.h's size, too

HELLO, WELCOME, UP, ACK, PULL, PAGE = range(1, 7)
SALE, SHOP, BULK = range(3)
ORDER, STOCK, EDIT = range(3)
ROOT = "till/1/shop"


def integer(value):
    return number(value << 1 if value >= 0 else -value * 2 - 1)


def read_integer(data):
    """The one that `data` begins with."""
    bits = 0
    for n, byte in enumerate(data):
        bits |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            return bits >> 1 ^ -(bits & 1)
    raise ValueError("no end")


def blob(data):
    return number(len(data)) + data


def seal(content, key, topic, deflate=False):
    if deflate:
        packer = zlib.compressobj(wbits=-15)
        content = packer.compress(content) + packer.flush()
    head = bytes([1, deflate])
    return head + hmac.digest(key, topic.encode() + b"\0" + head + content, "sha256")[:16] + content


def opened(payload):
    """The content of a sealed message, unchecked."""
    return zlib.decompress(payload[18:], wbits=-15) if payload[1] else payload[18:]


def envelope(body, kind=STOCK, schema=1, uid=None, hlc=None):
    uid = uid or secrets.token_bytes(16)
    hlc = time.time_ns() // 1_000_000 << 16 if hlc is None else hlc
    return uid + bytes([kind, schema]) + integer(hlc) + integer(20101222) + bytes(16) + blob(body)


def edit_body(fields, entity=1, action=0):
    """`fields`: name → JSON text, as bytes."""
    out = bytes([entity, action]) + secrets.token_bytes(16) + bytes(16) + integer(0) + bytes(16) + number(len(fields))
    return out + b"".join(blob(name) + number(0) + blob(b"") + blob(value) for name, value in fields.items())


class Stranger:
    """A node with a name and a key of its own. It greets when it is made; `hub_epoch` is then known."""

    def __init__(self, client, store, node):
        self.client, self.base = client, f"{ROOT}/{store}/{node}"
        self.key, self.epoch, self.nonce = secrets.token_bytes(32), secrets.token_bytes(8), secrets.token_bytes(8)
        self.hub_epoch = bytes(8)
        self.applied = 0  # of the sale stream
        self.last = self.stream_start(SALE)
        client.subscribe(f"{self.base}/welcome", f"{self.base}/up/+/ack")
        client.publish(f"{self.base}/hello", self.hello())
        self.hub_epoch = self.answer("welcome")[9:17]

    def answer(self, last, limit_s=5):
        """The content of the next answer to this topic, or None."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            message = self.client.receive(until - time.monotonic())
            if message and message.topic == f"{self.base}/{last}":
                return opened(message.payload)
        return None

    def stream_start(self, stream):
        return hashlib.sha256(b"till stream" + self.epoch + bytes([stream])).digest()

    def session(self):
        return self.nonce + self.hub_epoch + self.epoch

    def hello_content(self, build=b"forged"):
        ordinals = b"".join(integer(0) for _ in range(3 * 3 + 2))
        return (bytes([HELLO]) + self.session() + b"\x01" + blob(build) + integer(time.time_ns() // 1_000_000) +
                ordinals + b"\x01" + self.key)

    def hello(self, topic=None, **more):
        return seal(self.hello_content(**more), self.key, topic or f"{self.base}/hello")

    def up_content(self, envelopes, stream=SALE, first=None, former=None, count=None):
        """A batch that follows what the hub has, unless told otherwise."""
        first = self.applied + 1 if first is None else first
        former = self.last if former is None else former
        return (bytes([UP]) + self.session() + bytes([stream]) + former + integer(first) +
                number(len(envelopes) if count is None else count) + b"".join(envelopes))

    def up(self, envelopes, **more):
        return seal(self.up_content(envelopes, **more), self.key, f"{self.base}/up/sale")

    def moved_on(self, envelopes):
        """Sends a batch of the sale stream that can be read. → True if the hub acknowledged all of it"""
        self.client.publish(f"{self.base}/up/sale", self.up(envelopes))
        content = self.answer("up/sale/ack")
        for one in envelopes:
            self.last = hashlib.sha256(self.last + one).digest()
        self.applied += len(envelopes)
        return content is not None and read_integer(content[26:]) == self.applied  # behind type, session, stream


def wrongly_framed():
    """(title, payload): what nobody's key makes better."""
    return [("empty", b""), ("one byte", b"\x01"), ("a frame and no content", b"\x01\x00" + bytes(16)),
            ("another format", b"\x02\x00" + bytes(64)), ("unknown flags", b"\x01\x07" + bytes(64)),
            ("100 random bytes", secrets.token_bytes(100)), ("64 KB of random", secrets.token_bytes(64 << 10)),
            ("JSON, 100,000 deep", b"[" * 100_000), ("as large as may be", secrets.token_bytes(256 << 10)),
            ("one byte larger", secrets.token_bytes((256 << 10) + 1)), ("4 MB", bytes(4 << 20)),
            ("numbers without end", b"\x01\x00" + b"\xff" * 200)]
