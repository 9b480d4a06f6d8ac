"""What a long life costs: the time to the first answer, and the slow answers, with many orders in the database."""
import contextlib
import os
import socket
import statistics
import time

from report import table
from shop import Shop, pace, steady_rates

STARTS = 5


def first_answer_ms(shop, is_cold):
    """From exec to the first 200 of /readyz, asked every millisecond."""
    if is_cold:
        forget_cached(shop.database)
    began = time.perf_counter()
    shop.spawn()
    while time.perf_counter() - began < 30:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", shop.port), timeout=5) as wire:
            wire.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if wire.recv(64).startswith(b"HTTP/1.1 200"):
                taken = (time.perf_counter() - began) * 1000
                shop.stop()
                return taken
        time.sleep(0.001)
    raise SystemExit(f"bench: tilld does not start\n{shop.last_words()}")


def forget_cached(path):
    """Asks the kernel to drop a file's pages, as after a reboot."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def start(bench):
    sizes = (1_000, 100_000) if bench.quick else (1_000, 100_000, 1_000_000)
    rows = []
    with Shop(bench) as shop:
        for orders in sizes:
            shop.fill(orders)
            warm = sorted(first_answer_ms(shop, False) for _ in range(STARTS))
            cold = sorted(first_answer_ms(shop, True) for _ in range(STARTS))
            rows.append((orders, statistics.median(warm), warm[-1], statistics.median(cold),
                         shop.database.stat().st_size / 2**20))
            if orders == 100_000:
                bench.got["start 100k"] = statistics.median(warm)
    table(("orders", "ms to first answer", "slowest of 5", "file not cached", "database MB"), rows)


def growth(bench):
    """Both shops run and are asked in turns at the same fixed rate; of each round's p99 the median counts."""
    many = 100_000 if bench.quick else 1_000_000
    rounds = 2 if bench.quick else 7
    with Shop(bench, orders=1_000) as small, Shop(bench, orders=many) as large:
        small.open()
        large.open()
        sales, lookups = steady_rates(small)
        steady_rates(large)  # what was just started is as warm as the other
        print(f"   {sales} checkouts and {lookups} lookups a second over 32 connections, {rounds} rounds in turns")
        found = {"1 k": [], "1 M" if many == 1_000_000 else "100 k": []}
        for _ in range(rounds):
            for runs, shop in zip(found.values(), (small, large)):
                runs.append(pace(shop, sales, lookups, 4))
    rows = []
    for work in ("sales", "lookups"):
        row = {p: [statistics.median(r[work][p] for r in runs) for runs in found.values()] for p in ("p50", "p99")}
        rows.append((f"{work}, ms", *row["p50"], *row["p99"], row["p99"][1] / row["p99"][0]))
        if many == 1_000_000:
            bench.got[f"growth {work}"] = row["p99"][1] / row["p99"][0]
    few_name, many_name = found
    table(("orders", f"p50 {few_name}", f"p50 {many_name}", f"p99 {few_name}", f"p99 {many_name}", "p99 ratio"), rows)
