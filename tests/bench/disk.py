"""What a sale costs the disk: of tilld, and of its bare statements in a loop (raw_sqlite.cpp), each on a new database.

Bytes are those the kernel counts for the process as sent to storage (write_bytes in /proc/PID/io: whole pages of 4 KB,
once for each time they become dirty), and as handed to it (wchar). The log folded into the file counts: the daemon is
given a quiet moment to do it, the loop does it at its end.
"""
import json
import tempfile

from report import table
from shop import PRODUCTS, Shop, io_counts, run, wrk

GROUPS = (1, 32)  # connections of tilld, sales a commit in the loop


def raw_loop(bench, group, keys="time"):
    """One run of the loop. → {"rate": sales/s, "sync_us", "write_bytes" and "wchar": KB a sale}"""
    sync_us = bench.disk.rest()
    with tempfile.TemporaryDirectory(prefix="raw-") as folder:
        command = [bench.program("raw_sqlite"), f"{folder}/shop.db", PRODUCTS, bench.seconds, group, keys]
        found = json.loads(run(command))
    each = {name: found[name] / found["sales"] / 1024 for name in ("write_bytes", "wchar")}
    return {"rate": found["sales"] / found["seconds"], "sync_us": sync_us, **each}


def written_by_tilld(bench, connections, keys):
    """→ {"sales", "write_bytes" and "wchar": KB a sale, "log": MB it ended with}"""
    with Shop(bench) as shop:
        shop.open().fresh_token()
        shop.settle()
        before = io_counts(shop.pid)
        sales = wrk("sale.lua", shop, connections, bench.seconds, keys)["count"]
        shop.settle()
        after = io_counts(shop.pid)
        each = {name: (after[name] - before[name]) / sales / 1024 for name in ("write_bytes", "wchar")}
        return {"sales": sales, "log": shop.log_size() / 2**20, **each}


def written(bench):
    rows = []
    for keys in ("time", "random"):
        for group in GROUPS:
            raw = raw_loop(bench, group, keys)
            ours = written_by_tilld(bench, group, keys)
            ratio = ours["write_bytes"] / raw["write_bytes"]
            rows.append((f"{keys} keys, {group} at once", ours["sales"], ours["write_bytes"], raw["write_bytes"], ratio,
                         ours["wchar"], raw["wchar"], ours["log"]))
            if keys == "time":
                bench.got[f"written {group}"] = ours["write_bytes"]
                bench.got[f"written to raw {group}"] = ratio
    table(("KB a sale", "sales", "written", "raw loop", ": raw loop", "handed over", "raw loop", "log MB after"), rows)
