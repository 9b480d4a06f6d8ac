"""Checkouts and lookups a second of tilld, the peer and a bare cpp-httplib, memory, and the size of the binary.

tilld and the peer are measured in turns, so that a slow minute of the machine hits both; of two rounds the better one
counts, for both alike. One wrk thread: on two cores tilld's two threads and the generator share them, which is to the
peer's advantage, whose one thread has a core to itself.
"""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import time

from peer import Peer, installed
from report import table
from shop import Shop, memory_kb, run, wrk, till

CONNECTIONS = (1, 8, 32, 128)
WORK = (("sales", "sale.lua"), ("lookups", "lookup.lua"))


class Bare:
    """cpp-httplib's own server with a fixed answer."""

    target = "tilld"  # it is asked the same; it does not read the question

    def __init__(self, bench):
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
    """{(server, work, connections): the better of the rounds}, the servers in turns."""
    found = {}
    for _ in range(bench.rounds):
        for connections in CONNECTIONS:
            for name, server in servers.items():
                for work, script in WORK:
                    one = wrk(script, server, connections, bench.seconds)
                    key = (name, work, connections)
                    if key not in found or one["rate"] > found[key]["rate"]:
                        found[key] = one
    return found


def ratio(a, b):
    return a / b if a and b else None


def print_rates(found, bare, work, raw):
    rows = []
    for connections in CONNECTIONS:
        ours, theirs = found["tilld", work, connections], found.get(("peer", work, connections), {})
        row = [connections, ours["rate"], theirs.get("rate"), ratio(ours["rate"], theirs.get("rate")),
               ours["p50"], theirs.get("p50"), ours["p99"], theirs.get("p99")]
        if work == "lookups":
            row += [bare[connections], ratio(ours["rate"], bare[connections])]
        else:
            row += [raw.get(connections), ratio(ours["rate"], raw.get(connections))]
        rows.append(row)
    limit = "bare httplib" if work == "lookups" else "raw loop"
    head = (f"{work}/s, connections", "tilld", "peer", ": peer", "p50 ms", "peer", "p99 ms", "peer")
    table((*head, limit, f": {limit}"), rows)


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
    with Bare(bench) as server:
        bare = {n: wrk("lookup.lua", server, n, bench.seconds)["rate"] for n in CONNECTIONS}
    raw = bench.got.get("raw rates", {})
    for work, _ in WORK:
        print_rates(found, bare, work, raw)
    keep_goals(bench, found, raw, reason)


def keep_goals(bench, found, raw, reason):
    def to_peer(work, connections):
        theirs = found.get(("peer", work, connections))
        return found["tilld", work, connections]["rate"] / theirs["rate"] if theirs else reason

    bench.got["sales ratio 32"] = to_peer("sales", 32)
    bench.got["sales ratio 1"] = to_peer("sales", 1)
    bench.got["lookups ratio 32"] = to_peer("lookups", 32)
    bench.got["sales to raw 32"] = ratio(found["tilld", "sales", 32]["rate"], raw.get(32))


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
