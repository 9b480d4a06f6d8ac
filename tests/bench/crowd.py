"""What strangers cost those who buy: 450 connections that drip a request byte by byte and 2,000 that sit idle.

A dripping one sends a byte every tenth of a second and never ends its head; when the door has had enough (it answers
408 and closes) it comes again. An idle one has asked once and stays. TLS is spoken on addresses that are not loopback
only, so that part runs in a network of its own (a namespace), where such an address reaches nobody.
"""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time

from machine import Disk
from report import table
from shop import Bench, Shop, memory_kb, pace, run, steady_rates, till

IDLE, DRIPPING, FEW = 2_000, 450, 500
GAP_S = 0.1
QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
DRIP = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 8000
LAN = "192.0.2.1"  # of no machine (RFC 5737)


def idle_connections(count, address, tls=None):
    """`count` connections that have asked once."""
    wires = []
    for _ in range(count):
        wire = socket.create_connection(address, timeout=20)
        if tls:
            wire = tls.wrap_socket(wire)
        wire.sendall(QUESTION)
        if not wire.recv(4096).startswith(b"HTTP/1.1 200"):
            raise SystemExit("bench: the daemon does not answer the crowd")
        wires.append(wire)
    return wires


class Drippers:
    """450 connections on a thread of their own; `with` ends them. They come over a second and take turns in tenths of
    their gap, so that they are a drizzle and not a burst."""

    def __init__(self, port):
        self.address = ("127.0.0.1", port)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.drip)
        self.wires = [None] * DRIPPING
        self.sent = [0] * DRIPPING

    def drip(self):
        turn, began = 0, time.monotonic()
        while not self.over.wait(max(0.0, began + turn * GAP_S / 10 - time.monotonic())):
            arrived = min(DRIPPING, int(DRIPPING * (time.monotonic() - began)))
            for i in range(turn % 10, arrived, 10):
                self.one_byte(i)
            turn += 1
        for wire in filter(None, self.wires):
            wire.close()

    def one_byte(self, i):
        try:
            wire = self.wires[i]
            if wire is None or till.has_data(wire):  # never begun, or answered 408: come again
                if wire:
                    wire.close()
                self.wires[i], self.sent[i] = socket.create_connection(self.address, timeout=5), 0
            self.wires[i].sendall(DRIP[self.sent[i]:self.sent[i] + 1])
            self.sent[i] += 1
        except OSError:
            self.wires[i] = None

    def __enter__(self):
        self.thread.start()
        time.sleep(1.5)
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


@contextlib.contextmanager
def crowd(shop):
    wires = idle_connections(IDLE, ("127.0.0.1", shop.port))
    try:
        with Drippers(shop.port):
            yield
    finally:
        for wire in wires:
            wire.close()


def connection_kb(pid, address, tls=None):
    """(what an idle connection adds to the resident memory, what of it stays when all are gone). The slope from 500 to
    2,500: the first ones fit into memory that was free already."""
    few = idle_connections(FEW, address, tls)
    time.sleep(1.5)
    before = memory_kb(pid)[0]
    many = idle_connections(IDLE, address, tls)
    time.sleep(1.5)
    grown = memory_kb(pid)[0] - before
    for wire in few + many:
        wire.close()
    time.sleep(1.5)
    return grown / IDLE, (memory_kb(pid)[0] - before) / IDLE


def measure(bench):
    """The same fixed rate alone and beside the crowd, in turns; of the rounds' p99 the median counts."""
    rounds = 2 if bench.quick else 5
    found = {"alone": [], "beside": []}
    with Shop(bench) as shop:
        shop.open()
        each, left = connection_kb(shop.pid, ("127.0.0.1", shop.port))
        bench.got["connection plain"] = each
        print(f"   an idle connection: {each:.1f} KB; {left:.1f} KB a connection stay when all are gone")
        sales, lookups = steady_rates(shop)
        print(f"   {sales} checkouts and {lookups} lookups a second over 32 connections, {rounds} rounds in turns")
        for _ in range(rounds):
            found["alone"].append(pace(shop, sales, lookups, 4))
            with crowd(shop):
                found["beside"].append(pace(shop, sales, lookups, 4))
    rows = []
    for work in ("sales", "lookups"):
        alone, beside = (statistics.median(one[work]["p99"] for one in runs) for runs in found.values())
        middle = [statistics.median(one[work]["p50"] for one in runs) for runs in found.values()]
        rows.append((f"{work}, ms", *middle, alone, beside, beside / alone))
        bench.got[f"crowd {work}"] = beside / alone
    table(("", "p50 alone", "p50 beside", "p99 alone", "p99 beside", "p99 ratio"), rows)


def measure_tls(bench):
    """Runs this file in a network namespace of its own, where an address of the LAN leads nowhere."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        bench.got["connection tls"] = "skipped: no unshare or ip"
        print("   skipped: needs unshare and ip")
        return
    own = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        bench.got["connection tls"] = "skipped: no network namespace"
        print("   skipped: this machine lets nobody have a network of his own")
        return
    set_up = f"ip link set lo up && ip address add {LAN}/32 dev lo && exec \"$@\""
    found = json.loads(run([*own, "sh", "-c", set_up, "sh", sys.executable, __file__, bench.tilld, bench.build,
                            bench.home]))
    bench.got["connection tls"] = found["each"]
    print(f"   an idle TLS connection ({found['cipher']}): {found['each']:.1f} KB;"
          f" {found['left']:.1f} KB a connection stay when all are gone")


def main():
    """In the namespace: a tilld that speaks TLS, and its idle guests."""
    tilld, build, home = map(pathlib.Path, sys.argv[1:])
    bench = Bench(tilld=tilld, build=build, home=home, peer=home, quick=False, disk=Disk(home))
    with Shop(bench, config={"http.max_per_address": 2 * (IDLE + FEW)}) as shop:
        lan = (LAN, till.free_port())
        shop.serve_command = lambda: [shop.binary, "serve", "--data", str(shop.data), "--config", str(shop.config),
                                      "--listen", f"127.0.0.1:{shop.port},{LAN}:{lan[1]}"]
        shop.open()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        cipher = idle_connections(1, lan, tls)[0].cipher()[0]
        each, left = connection_kb(shop.pid, lan, tls)
    print(json.dumps({"each": each, "left": left, "cipher": cipher}))


if __name__ == "__main__":
    import tempfile
    tempfile.tempdir = sys.argv[3]
    main()
