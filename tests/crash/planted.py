#!/usr/bin/env python3
"""Tests the crash machine: plants one bug at a time (planted.toml) in a copy of the product's source, links it before
the library into a test_crash of its own, and wants it found. A bug that does not fit its source exactly once, or that
nobody finds, is a failure. Called by tests/run (ctest) with the build folder; ends with "N passed, N failed".

    tests/crash/planted.py build [--only answer_before_commit]
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
IMAGES = 4000

Bug = collections.namedtuple("Bug", "name file right wrong found_by")
TABLE = tomllib.loads(pathlib.Path(__file__).with_suffix(".toml").read_text())
BUGS = [Bug(name, **bug) for name, bug in TABLE.items()]


def built_by(build, source):
    """The compiler's command for a source of the product, as a list, and the folder it runs in."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]) == ROOT / source:
            return shlex.split(entry["command"]), entry["directory"]
    raise RuntimeError(f"{source}: is not compiled in {build}")


def linked_by(build):
    """The linker's command for test_crash."""
    told = subprocess.check_output(["ninja", "-C", build, "-t", "commands", "tests/crash/test_crash"], text=True)
    line = told.strip().split("\n")[-1]
    return shlex.split(line.removeprefix(": && ").removesuffix(" && :"))


def plant(bug, build, link):
    """Makes the test_crash that has this bug. → its path"""
    right = (ROOT / bug.file).read_text()
    if right.count(bug.right) != 1:
        raise RuntimeError(f"fits {right.count(bug.right)} times in {bug.file}")
    folder = build / "planted" / bug.name
    folder.mkdir(parents=True, exist_ok=True)
    source, made, program = (folder / name for name in ("bug.cpp", "bug.o", "test_crash"))
    source.write_text(right.replace(bug.right, bug.wrong))
    compile_it, where = built_by(build, bug.file)
    compile_it[compile_it.index("-o") + 1] = str(made)
    compile_it[compile_it.index("-c") + 1] = str(source)
    subprocess.run(compile_it, cwd=where, check=True, capture_output=True, text=True)
    at = link.index("-o")
    subprocess.run([*link[:at], "-o", str(program), str(made), *link[at + 2:]], cwd=build, check=True,
                   capture_output=True, text=True)
    return program


def hunt(bug, build, link):
    """→ (found, what is to be said about it)"""
    try:
        program = plant(bug, build, link)
    except RuntimeError as why:
        return False, str(why)
    except subprocess.CalledProcessError as why:
        return False, f"cannot be built: {why.stderr[-2000:]}"
    asked = [argument for name in bug.found_by for argument in ("--only", name)]
    told = subprocess.run([str(program), "--images", str(IMAGES), *asked], capture_output=True, text=True, timeout=300)
    faults = [line.strip() for line in told.stdout.split("\n") if line.startswith("    ")]
    program.unlink()
    if told.returncode == 0 or not faults:
        return False, "not found by " + ", ".join(bug.found_by)
    return True, faults[0]


def main():
    options = argparse.ArgumentParser(prog="planted.py")
    options.add_argument("build", type=pathlib.Path)
    options.add_argument("--only", metavar="NAME")
    asked = options.parse_args()
    build = asked.build.resolve()
    link = linked_by(build)
    bugs = [bug for bug in BUGS if asked.only in (None, bug.name)]
    began, found = time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for bug, (is_found, said) in zip(bugs, pool.map(lambda bug: hunt(bug, build, link), bugs)):
            found += is_found
            print(f"{bug.name:30} {'found' if is_found else 'NOT FOUND'}: {said}", flush=True)
    print(f"{len(bugs)} planted bugs in {time.monotonic() - began:.0f} s")
    print(f"{found} passed, {len(bugs) - found} failed")
    return 0 if bugs and found == len(bugs) else 1


if __name__ == "__main__":
    sys.exit(main())
