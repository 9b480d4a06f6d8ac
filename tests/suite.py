"""Builds, then runs every test and adds up what they say. Called by tests/run, which installed the tools.

A test is a program whose output says how many cases passed and failed: doctest's summary line, or, as the last line of
all others, "N passed, N failed". One that says neither, or that ends badly with no failure counted, is one failure.
Which there are: what tests/CMakeLists.txt registered with ctest, and the executable files in tests/live.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIVE = ("store_day", "kills", "hostile")  # quick ones that explain a failure best go first; others follow
TIMEOUT_S, LONG_TIMEOUT_S = 420, 6 * 3600
DOCTEST = re.compile(r"^\[doctest\] test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed", re.M)
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed\s*\Z", re.M)

Test = collections.namedtuple("Test", "group name command")


def counted(output, code):
    """(passed, failed) of one program's output and exit code."""
    found = DOCTEST.search(output) or COUNTS.search(output)
    passed, failed = (int(found[1]), int(found[2])) if found else (0, 0)
    return passed, failed if failed or (found and code == 0) else 1


def run_one(test, timeout_s):
    """Runs one test and tells of it in one piece, with its output if it failed. → (passed, failed)"""
    began = time.monotonic()
    process = subprocess.Popen(test.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = b""
    for patience_s, stop in ((timeout_s, process.terminate), (10, process.kill)):  # politely first: it stops its own
        try:
            output = process.communicate(timeout=patience_s)[0]
            break
        except subprocess.TimeoutExpired:
            print(f"{test.name}: stopped after {timeout_s} s", flush=True)
            stop()
    code = process.wait()
    text = output.decode("utf-8", errors="replace")
    passed, failed = counted(text, code)
    if failed:
        text += f"\n{test.name}: exit code {code}; again by: {' '.join(map(str, test.command))}"
    shown = text.rstrip() + "\n" if failed or test.group in ("live", "bench", "fuzz") else ""
    seconds = time.monotonic() - began
    print(f"{shown}{test.group:>8} {test.name:<12} {passed:4} passed, {failed} failed  {seconds:6.1f} s", flush=True)
    return passed, failed


def run_all(tests, jobs, timeout_s=TIMEOUT_S):
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        counts = list(pool.map(lambda test: run_one(test, timeout_s), tests))
    return sum(passed for passed, _ in counts), sum(failed for _, failed in counts)


def build(preset):
    """Configures and builds build/… of a preset. → True if it went well."""
    began = time.monotonic()
    for step in (["cmake", "--preset", preset, "-DTILL_TESTS=ON"],
                 ["cmake", "--build", "--preset", preset, "-j", str(os.cpu_count())]):
        done = subprocess.run(step, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            print(done.stdout.decode("utf-8", errors="replace") + f"\n{' '.join(step)}: failed", flush=True)
            return False
    print(f"{'build':>8} {preset:<12} {time.monotonic() - began:28.1f} s", flush=True)
    return True


def registered(folder):
    """What ctest knows in a build folder: programs made here are unit tests, the rest are checks of the source."""
    told = json.loads(subprocess.check_output(["ctest", "--test-dir", folder, "--show-only=json-v1"], cwd=ROOT))
    tests = [(t["name"], t["command"]) for t in told["tests"]]
    own = str(ROOT / folder) + "/"
    return [Test("unit" if command[0].startswith(own) else "checks", name, command) for name, command in tests]


def live_tests(is_long):
    """The executables in tests/live, against the release build."""
    found = {p.stem: p for p in sorted((ROOT / "tests/live").glob("*.py")) if os.access(p, os.X_OK)}
    names = [name for name in LIVE if name in found] + [name for name in found if name not in LIVE]
    tail = ["--tilld", "build/tilld"] + (["--long"] if is_long else [])
    return [Test("live", name, [str(found[name].relative_to(ROOT)), *tail]) for name in names]


def unit_tests(preset):
    """The unit tests in build/PRESET, as a group of that name."""
    return [test._replace(group=preset) for test in registered(f"build/{preset}") if test.group == "unit"]


def sanitized(preset):
    """Builds and runs the unit tests under one of the sanitizers."""
    return run_all(unit_tests(preset), 1, LONG_TIMEOUT_S) if build(preset) else (0, 1)


def fuzzed():
    """Builds the fuzzers and lets each look for a minute."""
    hunt = Test("fuzz", "fuzz", ["tests/fuzz/hunt.py", "--build", "build/fuzz"])
    return run_all([hunt], 1, LONG_TIMEOUT_S) if build("fuzz") else (0, 1)


def coverage():
    """Prints the share of each layer's lines that the unit tests reach, as gcov counts them."""
    if not build("coverage"):
        return 0, 1
    folder = ROOT / "build/coverage"
    for old in folder.rglob("*.gcda"):
        old.unlink()
    result = run_all(unit_tests("coverage"), os.cpu_count())
    reached = collections.defaultdict(dict)
    for data in folder.rglob("*.gcda"):
        told = json.loads(subprocess.check_output(["gcov", "--json-format", "--stdout", str(data)], cwd=folder))
        for file in told["files"]:
            path = pathlib.Path(folder, file["file"]).resolve()
            if path.is_relative_to(ROOT / "daemon") or path.is_relative_to(ROOT / "sync"):
                lines = reached[path.relative_to(ROOT).as_posix()]
                for line in file["lines"]:
                    lines[line["line_number"]] = lines.get(line["line_number"], 0) + line["count"]
    layers = collections.defaultdict(lambda: [0, 0])
    for path, lines in reached.items():
        layer = layers["/".join(path.split("/")[:2])]
        layer[0] += sum(count > 0 for count in lines.values())
        layer[1] += len(lines)
    for name, (hit, lines) in sorted(layers.items()):
        print(f"{'coverage':>8} {name:<20} {100 * hit / lines:5.1f} % of {lines} lines")
    return result


def main():
    options = argparse.ArgumentParser(prog="tests/run")
    options.add_argument("--long", action="store_true", help="also sanitizers, fuzzers, the long live tests, the bench")
    options.add_argument("--coverage", action="store_true", help="lines of each layer that the unit tests reach")
    options.add_argument("--only", metavar="NAME", help="one test or one group")
    asked = options.parse_args()
    began, results = time.monotonic(), []

    def wanted(test):
        return asked.only in (None, test.name, test.group)

    if asked.coverage:
        results.append(coverage())
    elif not build("release"):
        results.append((0, 1))
    else:
        tests = registered("build")
        results.append(run_all([t for t in tests if t.group == "checks" and wanted(t)], os.cpu_count()))
        results.append(run_all([t for t in tests if t.group == "unit" and wanted(t)], os.cpu_count()))
        timeout_s = LONG_TIMEOUT_S if asked.long else TIMEOUT_S
        results.append(run_all([t for t in live_tests(asked.long) if wanted(t)], 1, timeout_s))
        if (asked.long and asked.only is None) or asked.only == "histories":
            histories = ["build/tests/till_sim", "--first", "1000", "--seeds", "20000"]  # the unit tests play the first
            results.append(run_all([Test("long", "histories", histories)], 1, LONG_TIMEOUT_S))
        if (asked.long and asked.only is None) or asked.only == "cuts":
            cuts = ["build/tests/crash/test_crash", "--images", "1000000", "--seed", "2"]
            results.append(run_all([Test("long", "cuts", cuts)], 1, LONG_TIMEOUT_S))
        for sanitizer in ("asan", "tsan"):
            if (asked.long and asked.only is None) or asked.only == sanitizer:
                results.append(sanitized(sanitizer))
        if (asked.long and asked.only is None) or asked.only == "fuzz":
            results.append(fuzzed())
        bench = [Test("bench", "bench", ["tests/bench/run", "--tilld", "build/tilld"])]
        if (asked.long and asked.only is None) or asked.only == "bench":
            results.append(run_all(bench, 1, LONG_TIMEOUT_S))
    passed, failed = (sum(counts) for counts in zip(*results))
    if not passed and not failed:
        print(f"tests/run: no test is called '{asked.only}'")
        failed = 1
    print(f"done in {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
