#!/usr/bin/env python3
"""Runs every fuzzer of a build made by the preset "fuzz": some seconds each from its corpus, then the corpora alone for
the share of the parsers' lines that they reach. A target fails that finds something (the input is kept in the build
folder), a parser of which less than 90 % of the lines are reached fails too. Called by tests/suite.py, and by hand:

    tests/fuzz/hunt.py [--build build/fuzz] [--seconds 60] [--only json] [--keep]     --keep: grow the corpora
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HERE = ROOT / "tests/fuzz"
LEAST_PERCENT = 90
# An input is small: whatever needs more than this is a finding.
LIMITS = ["-rss_limit_mb=1024", "-malloc_limit_mb=64", "-timeout=10", "-max_len=16384", "-use_value_profile=1"]

# Whatever reads bytes from outside. A new parser is a line here. base/fields.h is not: most of its lines run at compile
# time only, and what it reads with is codec.
PARSERS = """
daemon/base/bytes.cpp daemon/base/card_number.cpp daemon/base/clock.cpp daemon/base/codec.cpp daemon/base/codec.h
daemon/base/config.cpp daemon/base/csv.cpp daemon/base/id.cpp daemon/base/json.cpp
daemon/base/wire.cpp daemon/base/wire.h
daemon/crypto/token.cpp daemon/access/refresh_token.cpp
daemon/http/answer.cpp daemon/http/conditional.cpp daemon/http/conversation.cpp daemon/http/handler.cpp
daemon/http/parser.cpp daemon/http/router.cpp daemon/http/target.cpp daemon/http/trace.cpp
daemon/domain/decimal.cpp daemon/domain/journal.cpp daemon/domain/scan_code.cpp daemon/domain/stock_fact.cpp
daemon/services/product_csv.cpp daemon/sqlite/examine.cpp daemon/sqlite/migrate.cpp daemon/sqlite/page_sum.cpp
daemon/sqlite/rescue.cpp daemon/sqlite/wal_log.cpp
sync/core/edit.cpp sync/core/envelope.cpp sync/core/merge.cpp sync/core/message.cpp sync/core/seal.cpp
sync/core/topics.cpp
""".split()


def environment(profile):
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()  # databases without a disk
    return os.environ | {"LLVM_PROFILE_FILE": str(profile), "TMPDIR": memory,
                         "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}


class Target:
    def __init__(self, build, program):
        self.program, self.name = program, program.name.removeprefix("fuzz_")
        self.corpus, self.dictionary = HERE / "corpus" / self.name, HERE / f"{self.name}.dict"
        self.work = build / "hunt" / self.name

    def run(self, arguments, profile="ignored.profraw"):
        self.work.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([self.program, *arguments], cwd=self.work, env=environment(self.work / profile),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode("utf-8", errors="replace")

    def hunt(self, seconds):
        """→ (True if nothing was found, what to print)."""
        fresh = self.work / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        dictionary = [f"-dict={self.dictionary}"] if self.dictionary.exists() else []
        until = f"-max_total_time={seconds}" if seconds else "-runs=0"
        code, told = self.run([until, "-print_final_stats=1", "-reload=0", *LIMITS, *dictionary,
                               f"-artifact_prefix={self.work}/", str(fresh), str(self.corpus)])
        runs = re.search(r"number_of_executed_units:\s*(\d+)", told)
        line = f"{self.name:<10} {int(runs[1]) if runs else 0:>10} runs, {len(list(fresh.iterdir())):>5} new inputs"
        if code == 0:
            return True, line
        report = [text for text in told.splitlines() if not re.match(r"#\d+\t|NEW_FUNC", text.strip())]
        return False, line + "\n" + "\n".join(report[-60:])

    def keep(self):
        """Takes the inputs that reach something new into the corpus, and leaves out those that no longer do."""
        merged = self.work / "merged"
        shutil.rmtree(merged, ignore_errors=True)
        merged.mkdir(parents=True)
        code, told = self.run(["-merge=1", "-use_counters=0", *LIMITS[:-1],
                               str(merged), str(self.corpus), str(self.work / "fresh")])
        if code:
            return print(told)
        findings = [file for file in self.corpus.iterdir() if file.name.startswith("found-")]  # kept for good
        for file in self.corpus.iterdir():
            if file not in findings:
                file.unlink()
        for file in merged.iterdir():
            shutil.copy(file, self.corpus / file.name[:12])


def cover(build, targets):
    """Prints the share of each parser's lines that the corpora reach. → (files that have enough, files that do not)"""
    for target in targets:
        target.run(["-runs=0", *LIMITS, str(target.corpus)], "corpus.profraw")
    merged = build / "hunt/corpus.profdata"
    subprocess.run(["llvm-profdata-14", "merge", "-sparse", "-o", merged,
                    *[target.work / "corpus.profraw" for target in targets]], check=True)
    objects = [argument for target in targets for argument in ("-object", target.program)][1:]
    told = json.loads(subprocess.check_output(["llvm-cov-14", "export", "-summary-only", f"-instr-profile={merged}",
                                               *objects, *[ROOT / path for path in PARSERS]]))
    lines = {os.path.relpath(file["filename"], ROOT): file["summary"]["lines"] for file in told["data"][0]["files"]}
    enough = 0
    for path in PARSERS:
        found = lines.get(path, {"percent": 0, "count": 0})
        enough += found["percent"] >= LEAST_PERCENT
        print(f"{path:<40} {found['percent']:5.1f} % of {found['count']:4} lines"
              + ("" if found["percent"] >= LEAST_PERCENT else f"   less than {LEAST_PERCENT}"))
    return enough, len(PARSERS) - enough


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", default="build/fuzz", type=pathlib.Path)
    options.add_argument("--seconds", default=60, type=int, help="of each target; 0: the corpora alone")
    options.add_argument("--only", help="one target")
    options.add_argument("--keep", action="store_true", help="take what is new into the corpora")
    asked = options.parse_args()
    build = asked.build.resolve()
    targets = [Target(build, program) for program in sorted((build / "tests/fuzz").glob("fuzz_*"))
               if asked.only in (None, program.name.removeprefix("fuzz_"))]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for target, (fine, line) in zip(targets, pool.map(lambda target: target.hunt(asked.seconds), targets)):
            print(line, flush=True)
            passed, failed = passed + fine, failed + (not fine)
    if asked.keep:
        for target in targets:
            target.keep()
    if asked.only is None:
        enough, lacking = cover(build, targets)
        passed, failed = passed + enough, failed + lacking
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
