#!/usr/bin/env python3
"""Holds what systemd/ promises: exposure of each unit at its bound or less, units, users and folders that systemd's own
readers accept. Called by tests/run and ctest. Refuses to guess: without systemd's tools it says so and skips.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

UNITS = pathlib.Path(__file__).resolve().parent.parent.parent / "systemd"
MAX_EXPOSURE, MAX_EXPOSURE_OF_HUB = 1.2, 1.0


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def exposure(unit):
    """The number that `systemd-analyze security` prints last, or None with its output."""
    _, text = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", text)
    return (float(found[1]), text) if found else (None, text)


def exposure_fault(unit):
    level, text = exposure(unit)
    if level is None:
        return text
    most = MAX_EXPOSURE_OF_HUB if unit.name == "tillhub.service" else MAX_EXPOSURE
    return None if level <= most else f"exposure {level} is over {most}\n{text}"


def verify_fault(unit):
    """Unknown keys and bad values are only warnings to systemd, so any word is a fault; but the program is not here."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / unit.name
        text = re.sub(r"ExecStart=/usr/bin/till\w+ serve", "ExecStart=/bin/true", unit.read_text(encoding="utf-8"))
        copy.write_text(text, encoding="utf-8")
        _, text = run("systemd-analyze", "verify", "--man=no", str(copy))
    said = [line for line in text.splitlines() if unit.name in line]
    return "\n".join(said) or None


def table_fault(tool, table):
    """Makes the users or folders in an empty root: proves that the table can be read and gives what it should."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "etc").mkdir()
        create = ["--create"] if tool == "systemd-tmpfiles" else []
        code, text = run(tool, *create, f"--root={root}", str(table))
        made = (root / "etc" / table.stem / "credentials").is_dir() or f"{table.stem}:" in (
            (root / "etc/passwd").read_text(encoding="utf-8") if (root / "etc/passwd").exists() else "")
    return None if code == 0 and made else f"{tool} ended with {code}: {text}"


def cases():
    """(name, tool, a function that gives the fault or None)"""
    for unit in sorted(UNITS.glob("*.service")):
        yield f"{unit.name} exposure", "systemd-analyze", lambda unit=unit: exposure_fault(unit)
        yield f"{unit.name} verify", "systemd-analyze", lambda unit=unit: verify_fault(unit)
    for suffix, tool in (("sysusers", "systemd-sysusers"), ("tmpfiles", "systemd-tmpfiles")):
        for table in sorted(UNITS.glob(f"*.{suffix}")):
            yield table.name, tool, lambda tool=tool, table=table: table_fault(tool, table)


def planted_fault():
    """A unit without any walls and with an unknown key must be found wrong, or this test is blind."""
    with tempfile.TemporaryDirectory() as folder:
        bare = pathlib.Path(folder) / "bare.service"
        bare.write_text("[Service]\nExecStart=/bin/true\nNoSuchKey=1\n", encoding="utf-8")
        return None if exposure_fault(bare) and verify_fault(bare) else "a planted fault was not found"


def main():
    passed = failed = 0
    for name, tool, fault_of in [*cases(), ("planted fault", "systemd-analyze", planted_fault)]:
        if shutil.which(tool) is None:
            print(f"systemd: skipped {name}: {tool} is not here (package systemd)")
            continue
        if tool == "systemd-tmpfiles" and os.geteuid() != 0:
            print(f"systemd: skipped {name}: folders of root are made by root only")
            continue
        fault = fault_of()
        passed, failed = passed + (fault is None), failed + (fault is not None)
        if fault:
            print(f"systemd: {name}: {fault}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
