"""Searches among 50,000 products: how long they take, alone and while the shop sells, and what they cost sales.

Its shop has names of three words, brands and descriptions of 25 words (vocabulary.h). A search is what a clerk has
typed when he pauses: three to five letters, in a third of them after a whole word; the answer has 20 rows.
"""
import statistics

from report import table
from shop import Shop, pace, run, wrk

SEARCHES_PER_S = 40  # of ten busy clerks


class Described(Shop):
    """50,000 products with texts."""
    products = 50_000

    def fill(self, orders):
        run([self.bench.program("fill"), self.database, self.products, orders, "described"])


def measure(bench):
    """All three at fixed rates, in turns; of the rounds' p99 the median counts."""
    rounds = 2 if bench.quick else 5
    with Described(bench) as shop:
        shop.open()
        sales = round(wrk("sale.lua", shop, 32, 2)["rate"] / 6)
        print(f"   {sales} checkouts and {SEARCHES_PER_S} searches a second over 32 connections,"
              f" {rounds} rounds in turns")
        found = {"searches alone": [], "selling": [], "both": []}
        for _ in range(rounds):
            found["searches alone"].append(pace(shop, 0, 0, 4, searches=SEARCHES_PER_S))
            found["selling"].append(pace(shop, sales, 0, 4))
            found["both"].append(pace(shop, sales, 0, 4, searches=SEARCHES_PER_S))
        size = shop.database.stat().st_size / 2**20

    def median(name, work, percentile):
        return statistics.median(one[work][percentile] for one in found[name])

    rows = []
    for work, alone in (("searches", "searches alone"), ("sales", "selling")):
        rows.append((f"{work}, ms", median(alone, work, "p50"), median("both", work, "p50"), median(alone, work, "p99"),
                     median("both", work, "p99"), median("both", work, "p99") / median(alone, work, "p99")))
    bench.got["search p99"] = median("both", "searches", "p99")
    bench.got["search sales"] = rows[1][-1]
    table(("", "p50 alone", "p50 both", "p99 alone", "p99 both", "p99 ratio"), rows)
    print(f"   the database has {size:.0f} MB")
