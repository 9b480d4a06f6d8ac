"""What all parts of the bench share: its settings and figures, a tilld with products and a cashier, and the load
generators. Processes started here listen on loopback and end with the bench.
"""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))

import till  # noqa: E402  tests/live: starting and asking a tilld is the same there

from machine import Disk  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PRODUCTS = 10_000
TOKEN_AGE_S = 600  # an access token lives 15 minutes


@dataclasses.dataclass
class Bench:
    """How this run is to measure, and what it found: `got` holds the figures of the goals (report.py)."""
    tilld: pathlib.Path
    build: pathlib.Path
    home: pathlib.Path
    peer: pathlib.Path
    quick: bool
    disk: Disk
    got: dict = dataclasses.field(default_factory=dict)

    @property
    def seconds(self):
        return 2 if self.quick else 5

    @property
    def rounds(self):
        return 1 if self.quick else 2

    def program(self, name):
        return str(self.build / "tests/bench" / f"bench_{name}")


def run(command, **more):
    """Output of a program that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise SystemExit(f"bench: {pathlib.Path(command[0]).name} failed\n{done.stdout}{done.stderr}")
    return done.stdout


def io_counts(pid="self"):
    """What a process wrote: `write_bytes` reached the disk's queue, `wchar` were handed to the kernel."""
    lines = pathlib.Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    return {name: int(value) for name, value in (line.split(": ") for line in lines)}


def memory_kb(pid):
    """(resident, proportional) kilobytes: the second shares what several processes map."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
    return sizes["Rss"], sizes["Pss"]


class Quiet(till.Program):
    """Its log goes nowhere: a log is journald's to write, and would be counted among the bytes of a sale."""

    def spawn(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.serve_command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.DEVNULL)


class Shop(Quiet, till.Till):
    """A tilld with 10,000 products, so many orders, and a cashier."""

    target = "tilld"
    products = PRODUCTS

    def __init__(self, bench, orders=0, config=None):
        super().__init__(bench.tilld, config or {})
        self.bench = bench
        self.logged_in = 0.0
        self.add_user("cashier@shop.test", "cashier")
        self.fill(orders)

    def fill(self, orders):
        """Brings the database to so many orders, while no daemon runs."""
        run([self.bench.program("fill"), self.database, self.products, orders])

    def open(self):
        """Starts it and logs the cashier in."""
        self.start()
        return self

    def fresh_token(self):
        if not self.token or time.monotonic() - self.logged_in > TOKEN_AGE_S:
            self.login("cashier@shop.test").close()
            self.logged_in = time.monotonic()
        return self.token

    def log_size(self):
        """Bytes of the write-ahead log, which is bounded only if readers let it start over."""
        return self.database.with_name(self.database.name + "-wal").stat().st_size

    def settle(self):
        """Waits until what the daemon does in quiet moments is done."""
        time.sleep(1.5)

    @property
    def pid(self):
        return self.process.pid


def wrk(script, server, connections, seconds, keys="time"):
    """Asks as fast as it is answered, with one thread: two cores are the server's need and the generator's.
    → {"rate", "count", "p50", "p99"}; ends the bench if an answer was not the one asked for."""
    sync_us = server.bench.disk.rest() if script == "sale.lua" else None
    environment = {"BENCH_TARGET": server.target, "BENCH_TOKEN": server.fresh_token(), "BENCH_KEYS": keys}
    output = run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", HERE / script,
                  f"http://127.0.0.1:{server.port}"], env={**os.environ, **environment})
    found = json.loads(output.split("RESULT ")[1])
    if found["refused"] or found["broken"] or not found["count"]:
        raise SystemExit(f"bench: {server.target} did not do what {script} asked: {found}")
    return {**found, "rate": found["count"] / found["seconds"], "sync_us": sync_us}


def pace(shop, sales, lookups, seconds, connections=32, searches=0):
    """Asks at a fixed rate (pace.cpp). → {"sales": {"p50", "p99" …}, "lookups": …, "searches": …}, in milliseconds"""
    shop.bench.disk.rest()
    output = run([shop.bench.program("pace"), shop.port, connections, seconds, sales, lookups, searches, shop.products],
                 env={**os.environ, "BENCH_TOKEN": shop.fresh_token()})
    found = json.loads(output)
    if any(found[work]["refused"] for work in found):
        raise SystemExit(f"bench: refused at a fixed rate: {found}")
    return found


def steady_rates(shop):
    """(sales, lookups) a second that are a sixth each of what this machine can: busy, but no queue that never ends."""
    sales = wrk("sale.lua", shop, 32, 2)["rate"]
    lookups = wrk("lookup.lua", shop, 32, 2)["rate"]
    return round(sales / 6), round(lookups / 6)
