"""What a sale costs the disk: of tilld, and of its bare statements in a loop (raw_sqlite.cpp), each on a new database.

Bytes are those the kernel counts for the process as sent to storage (write_bytes in /proc/PID/io: whole pages of 4 KB,
once for each time they become dirty), and as handed to it (wchar). The log folded into the file counts: the daemon is
given a quiet moment to do it, the loop does it at its end.
"""
import json
import os
import statistics
import tempfile
import time

from report import table
from shop import PRODUCTS, Shop, io_counts, run, wrk

GROUPS = (1, 32)
KEYS = ("time", "random")


def sync_latency_us(folder):
    """Median and 99th percentile of writing 4 KB and waiting until the disk says that it has them."""
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(500):
            os.pwrite(file.fileno(), bytes(4096), 0)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began) * 1e6)
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98]


def raw(bench):
    """Keeps: raw rates {group: sales/s}, raw bytes {(group, keys): KB}."""
    middle, slow = sync_latency_us(bench.home)
    print(f"   fdatasync of 4 KB: {middle:.0f} µs median, {slow:.0f} µs at the 99th percentile\n")
    rates, written, rows = {}, {}, []
    for keys in KEYS:
        for group in GROUPS:
            with tempfile.TemporaryDirectory() as folder:
                command = [bench.program("raw_sqlite"), f"{folder}/shop.db", PRODUCTS, bench.seconds, group, keys]
                found = json.loads(run(command))
            rate = found["sales"] / found["seconds"]
            written[group, keys] = found["write_bytes"] / found["sales"] / 1024
            if keys == "time":
                rates[group] = rate
            rows.append((f"{'alone' if group == 1 else f'groups of {group}'}, {keys} keys", rate,
                         written[group, keys], found["wchar"] / found["sales"] / 1024))
    table(("raw loop", "sales/s", "KB written a sale", "KB handed over"), rows)
    bench.got["raw rates"], bench.got["raw bytes"] = rates, written


def written(bench):
    rows, limits = [], bench.got.get("raw bytes", {})
    for keys in KEYS:
        for connections in GROUPS:
            with Shop(bench) as shop:
                shop.open().fresh_token()
                shop.settle()
                before = io_counts(shop.pid)
                sales = wrk("sale.lua", shop, connections, bench.seconds, keys)["count"]
                shop.settle()
                after = io_counts(shop.pid)
            each = {name: (after[name] - before[name]) / sales / 1024 for name in ("write_bytes", "wchar")}
            limit = limits.get((connections, keys))
            rows.append((f"{connections} connections, {keys} keys", sales, each["write_bytes"], limit,
                         each["write_bytes"] / limit if limit else None, each["wchar"]))
            if keys == "time":
                bench.got[f"written {connections}"] = each["write_bytes"]
                bench.got[f"written to raw {connections}"] = each["write_bytes"] / limit if limit else None
    table(("tilld", "sales", "KB written a sale", "raw loop", ": raw loop", "KB handed over"), rows)
