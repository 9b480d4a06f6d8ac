"""What a sale costs the disk: of tilld, and of its bare statements in a loop (raw_sqlite.cpp), each on a new database.

Bytes are those the kernel counts for the process as sent to storage (write_bytes in /proc/PID/io: whole pages of 4 KB,
once for each time they become dirty), and as handed to it (wchar). The log folded into the file counts: the daemon is
given a quiet moment to do it, the loop does it at its end.
"""
import atexit
import json
import shutil
import statistics
import tempfile

from report import table
from shop import PRODUCTS, Shop, io_counts, run, wrk

GROUPS = (1, 32)
KEYS = ("time", "random")


def raw(bench):
    """Keeps: raw rates {group: sales/s}, raw bytes {(group, keys): KB}."""
    taken = bench.disk.sync_us(500)
    print(f"   a sync of 4 KB: {statistics.median(taken):.0f} µs median,"
          f" {statistics.quantiles(taken, n=100)[98]:.0f} µs at the 99th percentile\n")
    rates, written, rows = {}, {}, []
    for keys in KEYS:
        for group in GROUPS:
            folder = tempfile.mkdtemp(prefix="raw-")
            atexit.register(shutil.rmtree, folder)  # and not before: removing files makes the disk slow for a while
            bench.disk.rest()
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
