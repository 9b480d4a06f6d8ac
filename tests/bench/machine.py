"""The machine under the bench: what it is, and whether it is at rest.

A sync tells: while others write, or merely compute, it takes many times as long, for who has slept until the disk was
done waits for somebody's time slice to end (4 ms instead of 0.1). So before each measurement that syncs, the bench
waits until a sync takes about as long as it did at best, and at its end tells of those that began all the same.
"""
import os
import pathlib
import platform
import statistics
import tempfile
import time


def file_system(path):
    """Type of the file system that holds `path`."""
    best = ("", "")
    for line in pathlib.Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, kind, *_ = line.split()
        if pathlib.Path(path).is_relative_to(mount) and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]


def describe(home):
    cpus = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in cpus if line.startswith(("model name", "Model"))), "unknown")
    print(f"{os.cpu_count()} CPUs ({model}), {file_system(home)}, Linux {platform.release()}; load before:"
          f" {os.getloadavg()[0]:.1f}; load generators run on the same CPUs", flush=True)


class Disk:
    """The disk below `folder`, asked by writing 4 KB and waiting until it says that it has them."""

    PATIENCE_S, NEAR = 30, 2  # how long to wait until a sync takes at most this many times the best

    def __init__(self, folder):
        self.file = tempfile.TemporaryFile(dir=folder)
        self.best_us = float("inf")
        self.restless = []  # what syncs took when a measurement began although the machine was not at rest

    def sync_us(self, count):
        """Microseconds of each of so many syncs."""
        taken = []
        for _ in range(count):
            os.pwrite(self.file.fileno(), bytes(4096), 0)
            began = time.perf_counter()
            os.fdatasync(self.file.fileno())
            taken.append((time.perf_counter() - began) * 1e6)
        self.best_us = min(self.best_us, statistics.median(taken))
        return taken

    def describe(self):
        taken = self.sync_us(500)
        print(f"a sync of 4 KB: {statistics.median(taken):,.0f} µs median,"
              f" {statistics.quantiles(taken, n=100)[98]:,.0f} µs at the 99th percentile", flush=True)

    def rest(self):
        """Waits until the machine is at rest, or out of patience. → microseconds of a sync now"""
        until = time.monotonic() + self.PATIENCE_S
        while (now_us := statistics.median(self.sync_us(30))) > self.NEAR * self.best_us:
            if time.monotonic() > until:
                self.restless.append(now_us)
                break
            time.sleep(0.5)
        return now_us

    def tell(self):
        if self.restless:
            print(f"\n   The machine was not at rest before {len(self.restless)} measurements: a sync took up to"
                  f" {max(self.restless):,.0f} µs, {self.best_us:,.0f} at best. These figures mean little.")
