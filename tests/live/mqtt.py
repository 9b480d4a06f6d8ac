"""A tiny MQTT 5 client, for tests that listen to the broker or publish what no program of ours would.

Used by sync_hostile and the bench, on the caller's thread; one connection, which is not made again. It refuses
nothing: topics, sizes and payloads are the caller's. Packets as in the standard, "MQTT Version 5.0", section 3.
"""
import collections
import itertools
import socket
import struct
import time

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, DISCONNECT = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90, 0xE0

Arrived = collections.namedtuple("Arrived", "topic payload retained at")  # at: time.monotonic()


def number(value):
    """A variable byte integer."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def text(value):
    data = value.encode()
    return struct.pack(">H", len(data)) + data


class Client:
    """Connected from the start. `with Client(port, "name") as client:` says goodbye at the end."""

    def __init__(self, port, name, timeout_s=10):
        self.wire = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ids = itertools.cycle(range(1, 1 << 16))
        self.inbox = collections.deque()
        self.send(CONNECT, text("MQTT") + b"\x05\x02" + struct.pack(">H", 0) + b"\0" + text(name))  # clean start
        _, body = self.wait(CONNACK)
        if body[1]:
            raise ConnectionError(f"the broker refuses the connection: {body[1]:#x}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, kind, body):
        self.wire.sendall(bytes([kind]) + number(len(body)) + body)

    def exactly(self, length):
        data = bytearray()
        while len(data) < length:
            more = self.wire.recv(length - len(data))
            if not more:
                raise ConnectionError("the broker ended the connection")
            data += more
        return bytes(data)

    def packet(self):
        """(first byte, body) of the next packet."""
        kind, length = self.exactly(1)[0], 0
        for shift in itertools.count(0, 7):
            byte = self.exactly(1)[0]
            length |= (byte & 0x7F) << shift
            if byte < 0x80:
                return kind, self.exactly(length)

    def wait(self, wanted):
        """The next packet of this kind; publishes that come before it are kept for receive()."""
        while True:
            kind, body = self.packet()
            if kind & 0xF0 == PUBLISH:
                self.take(kind, body)
            if kind == DISCONNECT:
                raise ConnectionError(f"the broker says goodbye: {body.hex()}")
            if kind & 0xF0 == wanted & 0xF0:
                return kind, body

    def take(self, kind, body):
        end = 2 + struct.unpack_from(">H", body)[0]
        topic, rest = body[2:end].decode(), body[end:]
        if kind & 0x06:
            self.send(PUBACK, rest[:2])
            rest = rest[2:]
        payload = rest[1 + rest[0]:]  # behind the properties, which are fewer than 128 bytes
        self.inbox.append(Arrived(topic, payload, bool(kind & 1), time.monotonic()))

    def publish(self, topic, payload, qos=1, retain=False):
        """With QoS 1 the broker's reason code: below 0x80 it took the message."""
        kind = PUBLISH | qos << 1 | retain
        if qos == 0:
            self.send(kind, text(topic) + b"\0" + payload)
            return 0
        packet_id = struct.pack(">H", next(self.ids))
        self.send(kind, text(topic) + packet_id + b"\0" + payload)
        _, body = self.wait(PUBACK)
        return body[2] if len(body) > 2 else 0

    def subscribe(self, *filters):
        self.send(SUBSCRIBE, struct.pack(">H", next(self.ids)) + b"\0" + b"".join(text(f) + b"\x01" for f in filters))
        self.wait(SUBACK)

    def receive(self, limit_s):
        """The next message, or None after so many seconds."""
        until = time.monotonic() + limit_s
        while not self.inbox:
            self.wire.settimeout(max(until - time.monotonic(), 0.001))
            try:
                self.take(*self.packet())
            except TimeoutError:
                return None
            finally:
                self.wire.settimeout(10)
        return self.inbox.popleft()

    def close(self):
        try:
            self.send(DISCONNECT, b"")
        except OSError:
            pass  # gone already
        self.wire.close()
