"""Checkouts and lookups a second of tilld, the peer and the bare limits, memory, and the size of the binary.

All are measured in turns, so that a slow minute of the machine hits all; of two rounds the better one counts, for all
alike. One wrk thread: on two cores tilld's two threads and the generator share them, which is to the
peer's advantage, whose one thread has a core to itself.
"""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import time

from disk import GROUPS, raw_loop
from peer import Peer, installed
from report import table
from shop import Shop, memory_kb, run, wrk, till

CONNECTIONS = (1, 8, 32, 128)
WORK = (("sales", "sale.lua"), ("lookups", "lookup.lua"))


class Bare:
    """cpp-httplib's own server with a fixed answer."""

    target = "tilld"  # it is asked the same; it does not read the question

    def __init__(self, bench):
        self.bench = bench
        self.port = till.free_port()
        self.process = subprocess.Popen([bench.program("raw_httplib"), str(self.port)])
        time.sleep(0.3)

    def fresh_token(self):
        return "none"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def best(bench, servers):
    """{(server, work, connections): the better of the rounds}, the servers in turns; "raw" are the bare limits."""
    found = {}

    def keep(name, work, connections, one):
        known = found.get((name, work, connections))
        if known is None or one["rate"] > known["rate"]:
            found[name, work, connections] = one

    for _ in range(bench.rounds):
        for connections in CONNECTIONS:
            for name, server in servers.items():
                for work, script in WORK:
                    keep(name, work, connections, wrk(script, server, connections, bench.seconds))
            if connections in GROUPS:
                keep("raw", "sales", connections, raw_loop(bench, connections))
            with Bare(bench) as server:
                keep("raw", "lookups", connections, wrk("lookup.lua", server, connections, bench.seconds))
    return found


def ratio(a, b):
    """Of two rates, or why there is none: the machine was busy during one of them."""
    if not a or not b:
        return None
    if a["sync_us"] and b["sync_us"] and not 1 / 3 < a["sync_us"] / b["sync_us"] < 3:
        return "machine not at rest"
    return a["rate"] / b["rate"]


def print_rates(found, work, limit):
    rows = []
    for connections in CONNECTIONS:
        ours, theirs, raw = (found.get((name, work, connections)) for name in ("tilld", "peer", "raw"))
        peer, bare = theirs or {}, raw or {}
        rows.append((connections, ours["rate"], peer.get("rate"), ratio(ours, theirs), bare.get("rate"), ratio(ours,
            raw),
                     ours["p50"], peer.get("p50"), ours["p99"], peer.get("p99")))
    table((f"{work}/s, connections", "tilld", "peer", ": peer", limit, f": {limit}", "p50 ms", "peer", "p99 ms",
        "peer"),
          rows)


def idle_memory(bench, shop):
    """Prints and keeps the memory after a start, one log-in, one lookup and a second of nothing."""
    client = till.Client(shop.port, shop.fresh_token())
    client.must(200, "GET", "/api/v1/products/by-barcode/4000000000000")
    shop.settle()
    resident, proportional = memory_kb(shop.pid)
    bench.got["memory idle"] = resident / 1024
    print(f"   memory idle: {resident / 1024:.1f} MB resident, {proportional / 1024:.1f} MB proportional")
    client.close()


def memory_after(bench, shop):
    shop.settle()
    resident, proportional = memory_kb(shop.pid)
    bench.got["memory after"] = resident / 1024
    peak = shop.memory_kb("VmHWM")
    print(f"   memory after the bench: {resident / 1024:.1f} MB resident, {proportional / 1024:.1f} MB proportional,"
          f" {peak / 1024:.1f} MB at its highest")


def measure(bench):
    folder, reason = installed(bench)
    if folder is None:
        print(f"   peer: {reason}")
    with Shop(bench) as shop, contextlib.ExitStack() as others:
        shop.open()
        idle_memory(bench, shop)
        servers = {"tilld": shop}
        if folder:
            servers["peer"] = others.enter_context(Peer(bench, folder))
        found = best(bench, servers)
        memory_after(bench, shop)
        if folder:
            print(f"   memory of the peer after the bench: {servers['peer'].memory_mb():.1f} MB")
    print_rates(found, "sales", "raw loop")
    print_rates(found, "lookups", "bare httplib")
    for work, connections in (("sales", 32), ("sales", 1), ("lookups", 32)):
        ours, theirs = (found.get((name, work, connections)) for name in ("tilld", "peer"))
        bench.got[f"{work} ratio {connections}"] = ratio(ours, theirs) or reason
    bench.got["sales to raw 32"] = ratio(found["tilld", "sales", 32], found["raw", "sales", 32])


def binary(bench):
    """Size without symbols, and the libraries it needs at run time."""
    with tempfile.TemporaryDirectory() as folder:
        stripped = pathlib.Path(folder) / "tilld"
        shutil.copy(bench.tilld, stripped)
        run(["strip", stripped])
        size = stripped.stat().st_size
    libraries = [line.split()[0] for line in run(["ldd", bench.tilld]).splitlines() if "=>" in line]
    print(f"   {size / 1024:,.0f} KB stripped, {bench.tilld.stat().st_size / 1024:,.0f} KB as built;"
          f" {len(libraries)} shared libraries:\n   {' '.join(sorted(libraries))}")
