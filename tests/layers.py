#!/usr/bin/env python3
"""Layers are walls: reads BUILD/layers.txt (written by toolchains/cmake/layers.cmake) and every #include of daemon/,
drivers/ and sync/, and names each line that reaches past what its layer may use, or that includes a library of others
outside the one place which may know it (D2). Called by tests/run and ctest. Before it judges, it must find the leaks
planted in a small tree of its own.

    tests/layers.py [BUILD/layers.txt]
"""
import fnmatch
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACES = ("daemon", "drivers", "sync")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Header of another library: the files that may include it.
LIBRARIES = {
    "nlohmann/json_fwd.hpp": ["daemon/*", "sync/*"],
    "nlohmann/*": ["daemon/base/json.cpp"],
    "mbedtls/*": ["daemon/crypto/*", "daemon/http/tls*"],
    "psa/*": ["daemon/crypto/*", "daemon/http/tls*"],
    "httplib.h": ["daemon/runtime/operator_client.cpp", "daemon/http/httplib_compat.h"],
    "spdlog/*": ["daemon/base/log.cpp"],
    "fmt/*": ["daemon/base/log.cpp"],
    "CLI/*": ["daemon/runtime/command_line.h"],
    "sqlite3.h": ["daemon/sqlite/*"],
    "crypt.h": ["daemon/crypto/*"],
    "mqtt/*": ["sync/mqtt/client.cpp"],
    "zlib.h": ["sync/core/seal.cpp", "daemon/sqlite/page_sum.cpp"],
}
# What the machine itself brings: the standard library's headers have no dot, these are libc's and the kernel's.
SYSTEM = re.compile(r"[^.]+|((sys|netinet|arpa|linux|net)/\w+|cxxabi|dirent|endian|errno|execinfo|fcntl|grp|malloc|"
                    r"netdb|poll|pthread|pwd|sched|signal|stdlib|string|strings|termios|time|unistd)\.h")


def read_layers(text):
    """'name folder: used used' a line → [(folder, name, uses)], and the complaints about the table itself."""
    layers, known, faults = [], set(), []
    for number, line in enumerate(text.splitlines(), 1):
        head, _, used = line.partition(":")
        name, folder = head.split()
        uses = set(used.split())
        for ahead in sorted(uses - known):
            faults.append(f"layers.txt:{number}: {name} uses {ahead}, which is not built before it")
        known.add(name)
        layers.append((folder, name, uses))
    return layers, faults


def layer_of(layers, path):
    """The layer with the longest folder that holds `path`, or None."""
    holding = [layer for layer in layers if path == layer[0] or path.startswith(layer[0] + "/")]
    return max(holding, key=lambda layer: len(layer[0]), default=None)


def own_include_fault(root, layers, layer, header):
    """Why a quoted include is wrong, or None."""
    if ".." in header.split("/"):
        return "a quoted include is written from daemon/ or from the top, never with .."
    target = next((path for path in (f"daemon/{header}", header) if (root / path).is_file()), None)
    if target is None:
        return f'"{header}" is no file of ours; libraries of others are included with <>'
    owner = layer_of(layers, target)
    if owner is None:
        return f'"{header}" belongs to no layer'
    _, name, uses = layer
    if owner[1] != name and owner[1] not in uses:
        return f'{name} may not include {owner[1]} ("{header}"); it may use: {" ".join(sorted(uses)) or "nothing"}'
    return None


def library_include_fault(path, header):
    """Why an include in <> is wrong, or None."""
    for pattern, places in LIBRARIES.items():
        if fnmatch.fnmatchcase(header, pattern):
            if any(fnmatch.fnmatchcase(path, place) for place in places):
                return None
            return f"<{header}> may only be included in {', '.join(places)}"
    return None if SYSTEM.fullmatch(header) else f"<{header}> is of a library that tests/layers.py does not know"


def check(root, table):
    """→ (faults as 'file:line: why', number of files, number of includes)."""
    layers, faults = read_layers(table)
    files = sorted(p for place in PLACES for p in (root / place).rglob("*") if p.suffix in (".h", ".cpp"))
    includes = 0
    for file in files:
        path = file.relative_to(root).as_posix()
        layer = layer_of(layers, path)
        if layer is None:
            faults.append(f"{path}:1: belongs to no layer of CMakeLists.txt")
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            includes += 1
            quote, header = found.groups()
            is_ours = quote == '"'
            fault = own_include_fault(root, layers, layer, header) if is_ours else library_include_fault(path, header)
            if fault:
                faults.append(f"{path}:{number}: {fault}")
    return faults, len(files), includes


def self_test():
    """A small house with leaks in it: each must be found at its line, and nothing else."""
    table = "base daemon/base: \ncrypto daemon/crypto: base\nhttp daemon/http: base later\nlater daemon/later: \n"
    house = {
        "daemon/base/a.h": "#pragma once\n#include <vector>\n",
        "daemon/base/json.cpp": '#include "base/a.h"\n#include <nlohmann/json.hpp>\n',
        "daemon/base/up.cpp": '#include "crypto/hash.h"\n',  # 1: base reaches up
        "daemon/crypto/hash.h": '#include "base/a.h"\n#include <mbedtls/sha256.h>\n#include <sys/stat.h>\n',
        "daemon/crypto/json.cpp": "#include <string>\n#  include <nlohmann/json.hpp>\n",  # 2: not behind the gate
        "daemon/http/hash.cpp": '#include "crypto/hash.h"\n',  # 1: not named in USES, although the file is there
        "daemon/http/odd.cpp": '#include "../base/a.h"\n#include "sqlite3.h"\n#include <boost/asio.hpp>\n',  # 1, 2, 3
        "sync/lost.cpp": "",  # 1: no layer
    }
    expected = ["daemon/base/up.cpp:1", "daemon/crypto/json.cpp:2", "daemon/http/hash.cpp:1", "daemon/http/odd.cpp:1",
                "daemon/http/odd.cpp:2", "daemon/http/odd.cpp:3", "layers.txt:3", "sync/lost.cpp:1"]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in house.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        faults, _, _ = check(root, table)
    found = sorted(":".join(fault.split(":")[:2]) for fault in faults)
    return [] if found == expected else [f"tests/layers.py: planted {expected}, found {found}"]


def main():
    table = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/layers.txt").read_text(encoding="utf-8")
    blind = self_test()
    faults, files, includes = check(ROOT, table)
    for fault in blind + faults:
        print(fault)
    print(f"layers: {includes} includes in {files} files")
    failed = bool(blind) + bool(faults)
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
