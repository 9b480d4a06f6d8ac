#!/usr/bin/env python3
"""What can be counted of the house style, counted: each rule is a function from a file to its faults, with a planted
fault that it must find (and a clean file in which it must find none) before it may judge the tree. Called by tests/run
and ctest; prints file:line: rule. Looks at every file a clone has, not at build folders and what .gitignore names.
"""
import ast
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOT_OURS = re.compile(r"build.*|corpus|dist|\.run|\.git|node_modules|__pycache__|\.cache")  # folders
MAX_FUNCTION_LINES, MAX_FILE_LINES, CLANG_FORMAT = 70, 600, "14"
MAX_COLUMNS, MAX_TABLE_COLUMNS = 120, 160  # a row of a table aligned by hand (clang-format off) is one line

CPP = re.compile(
    r'//[^\n]*|/\*.*?\*/|(?P<raw>R"(?P<tag>[^(\s]{0,16})\((?P<rawtext>.*?)\)(?P=tag)")'
    r'|(?P<text>"(?:[^"\\\n]|\\.)*")|(?<![0-9A-Fa-f])\'(?:[^\'\\\n]|\\.)+\'', re.S)


class File:
    """One file: its path, text and lines; for C++ also `code`, where comments and literals are blanked, line for
    line, and `strings`, the literals as (line, text)."""

    def __init__(self, path, text):
        self.path, self.text, self.lines = path, text, text.split("\n")
        self.kind = pathlib.PurePath(path).suffix
        if not self.kind and text.startswith("#!"):
            self.kind = ".py" if "python" in self.lines[0] else ".sh"
        self.is_header, self.is_cpp = self.kind == ".h", self.kind in (".h", ".cpp")
        self.is_ours_in_c = self.is_cpp and not path.startswith("tests/")
        self.strings = []
        self.code = CPP.sub(self._blank, text) if self.is_cpp else text

    def _blank(self, match):
        if match["raw"] or match["text"]:
            self.strings.append((self.text.count("\n", 0, match.start()) + 1, match["rawtext"] or match["text"]))
        return ('""' if match["raw"] or match["text"] else " ") + "\n" * match[0].count("\n")

    def is_in(self, *patterns):
        return any(fnmatch.fnmatchcase(self.path, pattern) for pattern in patterns)

    def code_lines(self, pattern):
        """Lines of the code that match."""
        return [number for number, line in enumerate(self.code.split("\n"), 1) if re.search(pattern, line)]

    def text_lines(self, pattern):
        return [number for number, line in enumerate(self.lines, 1) if re.search(pattern, line)]


def opens_function(head):
    """True if the brace after `head` (the code since the last ; or brace) opens a function's body. In clang-format's
    spelling a body's brace has a space before it, an initialiser's `name{` has none."""
    head = re.sub(r"template <.*?>\n|operator\s*\S+?(?=\()", "", head, flags=re.S)
    flat = re.sub(r"\([^()]*\)", "()", head)
    return ("(" in flat and flat.endswith((" ", "\n")) and not re.search(r"[^=]=[^=]", flat)
            and not re.match(r"\s*(namespace|enum|class|struct|union)\b", flat))


def cpp_functions(file):
    """(first line, lines) of each function body that is in no other one."""
    depth, inside, began, head, line, found = 0, None, 0, "", 1, []
    for char in re.sub(r"^[ \t]*#(\\\n|.)*$", lambda macro: "\n" * macro[0].count("\n"), file.code, flags=re.M):
        line += char == "\n"
        if char == "{":
            if inside is None and opens_function(head):
                inside, began = depth, line - head.strip().count("\n")
            depth, head = depth + 1, head + "{" if re.search(r"[\w>]$", head) else ""
        elif char == "}":
            depth -= 1
            if inside == depth:
                found.append((began, line - began + 1))
                inside = None
            head = head + "}" if "{" in head else ""
        elif char == ";" and inside is None:
            head = ""
        elif inside is None:
            head += char
    return found


def python_functions(file):
    nodes = ast.walk(ast.parse(file.text))
    return [(n.lineno, (n.end_lineno or n.lineno) - n.lineno + 1) for n in nodes if isinstance(n, ast.FunctionDef)]


def long_functions(file):
    return [first for first, lines in (cpp_functions(file) if file.is_cpp else []) if lines >= MAX_FUNCTION_LINES]


def long_python_functions(file):
    functions = python_functions(file) if file.kind == ".py" else []
    return [first for first, lines in functions if lines >= MAX_FUNCTION_LINES]


def long_files(file):
    is_long = len(file.text.splitlines()) >= MAX_FILE_LINES and file.kind not in (".csv", ".json")
    return [MAX_FILE_LINES] if is_long else []


def long_lines(file):
    if file.kind not in (".h", ".cpp", ".py", ".sh"):
        return []
    found, limit = [], MAX_COLUMNS
    for number, line in enumerate(file.lines, 1):
        mark = re.search(r"// clang-format (on|off)", line)
        limit = limit if not mark else MAX_COLUMNS if mark[1] == "on" else MAX_TABLE_COLUMNS
        found += [number] if len(line) > limit else []
    return found


def missing_header(file):
    """Nothing says what the file is for: a comment on the first line (after #!) or a docstring. x.cpp that begins
    with its own x.h is told by that."""
    start = file.lines[1] if file.text.startswith("#!") and len(file.lines) > 1 else file.lines[0]
    own_header = re.fullmatch(r'#include "(?:\w+/)*(\w+)\.h"', start)
    if own_header and own_header[1] == pathlib.PurePath(file.path).stem:
        return []
    marks = {".h": "//", ".cpp": "//", ".py": '"""', ".sh": "#", ".cmake": "#", ".lua": "--", ".sql": "--"}
    return [1] if file.kind in marks and not start.startswith(marks[file.kind]) else []


SQL = re.compile(r"\b(SELECT\b.*\bFROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA \w+|BEGIN IMMEDIATE|"
                 r"SAVEPOINT \w+|(CREATE|DROP|ALTER) (TABLE|INDEX|TRIGGER|VIEW))\b", re.S)


def stray_sql(file):
    places = ("daemon/sqlite/*", "daemon/store/*", "sync/*", "daemon/access/sqlite_storage*.cpp")
    if not file.is_ours_in_c or file.is_in(*places):
        return []
    return [line for line, text in file.strings if SQL.search(text)]


def wild_catch(file):
    places = ("daemon/base/json.cpp", "daemon/http/pipeline.cpp", "daemon/base/worker.cpp", "daemon/sqlite/writer.cpp",
              "daemon/runtime/command_line.cpp",  # for CLI11, which tells of a wrong command line by exception
              "sync/mqtt/client.cpp")  # for Paho, whose C++ layer tells of everything by exception
    return file.code_lines(r"\bcatch\s*\(") if file.is_ours_in_c and not file.is_in(*places) else []


def throwing_calls(file):
    calls = r"\bstd::(sto[a-z]+\(|any_cast|regex\b)|\.at\(|dynamic_cast<[^>]*&>"
    return file.code_lines(calls) if file.is_ours_in_c else []


# Spelled in halves, so that this file does not find itself.
UNFINISHED = r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b"
MACHINE_PATHS = r"(?<![\w.~*$}-])/(wo" r"rk/\w|ro" r"ot/\w|tmp/bu" r"ild|ho" r"me/[a-z])"
TABS_FREE = (".h", ".cpp", ".py", ".sh", ".cmake", ".sql", ".md", ".txt", ".lua", ".service", ".conf")

# name, what is wrong, faults(file) → lines; planted file, its text, the line that must be found
RULES = [
    ("functions", f"function of {MAX_FUNCTION_LINES} lines or more", long_functions, "daemon/base/a.cpp",
     "#if defined(X)\nnamespace n {\nA::A(int x)\n    : a_(x), b_{x} {\n" + "  if (x) { go(); }\n" * 67 + "}\n}\n", 3),
    ("python functions", f"function of {MAX_FUNCTION_LINES} lines or more", long_python_functions, "tests/a.py",
     '"""A."""\ndef f():\n' + "    pass\n" * 69, 2),
    ("file length", f"{MAX_FILE_LINES} lines or more", long_files, "daemon/base/a.h", "// A\n" * 600, MAX_FILE_LINES),
    ("file header", "nothing says what this file is for", missing_header, "daemon/base/a.h", "#pragma once\n", 1),
    ("pragma once", "header without #pragma once",
     lambda f: [1] if f.is_header and "\n#pragma once\n" not in f.text else [],
     "daemon/base/a.h", "// A\n", 1),
    ("using namespace", "in a header", lambda f: f.code_lines(r"\busing namespace\b") if f.is_header else [],
     "daemon/base/a.h", "// A\n#pragma once\nusing namespace std;\n", 3),
    ("columns", f"more than {MAX_COLUMNS} columns ({MAX_TABLE_COLUMNS} in a table aligned by hand)", long_lines,
     "daemon/base/a.h", "// clang-format off\n//" + "é" * 158 + "\n// clang-format on\n//" + "é" * 119 + "\n", 4),
    ("white space", "tab, carriage return or trailing space",
     lambda f: f.text_lines(r"\t|\r|[ ]$") if f.kind in TABS_FREE else [], "tests/a.py", '"""A."""\nx = 1 \n', 2),
    ("final newline", "no newline, or an empty line, at the end",
     lambda f: [len(f.lines)] if f.kind in TABS_FREE and (f.lines[-1] or f.text.endswith("\n\n")) else [],
     "systemd/a.conf", "# A\nx", 2),
    ("sql", "SQL outside sqlite/, store/, sync/ and access/sqlite_storage", stray_sql, "daemon/api/a.cpp",
     '// SELECT a FROM b\nauto s = R"(\nSELECT a\nFROM b)";\n', 2),
    ("catch", "catch outside the places that may", wild_catch, "daemon/api/a.cpp",
     "// A\ntry {\n} catch (...) {\n}\n", 3),
    ("throw", "nothing of ours throws", lambda f: f.code_lines(r"\bthrow\b") if f.is_ours_in_c else [],
     "daemon/base/json.cpp", '// never throw\nauto s = "throw";\nthrow 1;\n', 3),
    ("throwing calls", "throws on bad data; use from_chars, find, get_if", throwing_calls, "daemon/api/a.cpp",
     "// A\nint n = std::stoi(text);\n", 2),
    ("unfinished", "unfinished work is an issue, not a comment", lambda f: f.text_lines(UNFINISHED),
     "daemon/base/a.cpp", "// A\n// TO" "DO: all of it\n", 2),
    ("machine paths", "path of one developer's machine", lambda f: f.text_lines(MACHINE_PATHS), "README.md",
     "# A\nsee /wo" "rk/main\n", 2),
]
CLEAN = {
    "daemon/base/clean.h": "// Clean: throw, catch (x), std::stoi(s) in a comment.\n#pragma once\n\n"
                           "inline int f() { return 1'000; }\n",
    "daemon/store/clean.cpp": '// Clean.\nauto kFind = "SELECT a FROM b";\n' + "int f() {\n  return 1;\n}\n" * 30,
    "tests/clean.py": '"""Clean."""\nx = 1\n',
    "README.md": "# Clean\n\nserves /api/v1 and build/work/x\n",
}


def self_test():
    """Each rule finds its own planted fault, there and only there, and nothing in clean files."""
    blind = []
    for name, _, faults, path, text, line in RULES:
        found = faults(File(path, text))
        if found != [line]:
            blind.append(f"tests/tidy.py: rule '{name}' found {found} for a fault planted in line {line}")
        blind += [f"tests/tidy.py: rule '{name}' accuses a clean file: {path}"
                  for path, text in CLEAN.items() if faults(File(path, text))]
    return blind


def our_files():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not NOT_OURS.fullmatch(name))
        for name in sorted(names):
            path = pathlib.Path(folder, name)
            text = path.read_bytes().decode("utf-8", errors="replace")
            if "\0" not in text:  # a picture or an archive has no style
                yield File(path.relative_to(ROOT).as_posix(), text)


def format_faults(tool, root, files):
    """clang-format's complaints about `files`, as 'file:line: …'."""
    if not files:
        return []
    command = [tool, "--style=file", "--dry-run", "-Werror", *files]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    lines = re.findall(r"^(\S+?:\d+):\d+: error: (code should be clang-formatted)", run.stderr, re.M)
    if run.returncode and not lines:
        return [f"clang-format failed: {run.stderr.strip()}"]
    return sorted({f"{place}: clang-format: {why}" for place, why in lines})


def find_clang_format():
    """clang-format of the pinned version (another one has another taste), or None."""
    for name in (f"clang-format-{CLANG_FORMAT}", "clang-format"):
        tool = shutil.which(name)
        if tool and f"version {CLANG_FORMAT}." in subprocess.check_output([tool, "--version"], text=True):
            return tool
    return None


def check_format(files):
    """→ faults, or None if there is no tool; first a planted fault must be found."""
    tool = find_clang_format()
    if tool is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / ".clang-format", folder)
        (pathlib.Path(folder) / "a.cpp").write_text("// A\nint  f( ){return 1;}\n", encoding="utf-8")
        if not format_faults(tool, folder, ["a.cpp"]):
            return ["tests/tidy.py: clang-format does not see a planted fault"]
    return format_faults(tool, ROOT, [file.path for file in files if file.is_cpp])


def main():
    blind = self_test()
    files = list(our_files())
    passed = failed = 0
    for name, why, faults, *_ in RULES:
        found = [f"{file.path}:{line}: {name}: {why}" for file in files for line in faults(file)]
        print("".join(fault + "\n" for fault in found), end="")
        passed, failed = passed + (not found), failed + bool(found)
    formatting = check_format(files)
    if formatting is None:
        print(f"tidy: skipped clang-format: version {CLANG_FORMAT} is not here")
    for fault in blind + (formatting or []):
        print(fault)
    passed += (not blind) + (formatting == [])
    failed += bool(blind) + bool(formatting)
    print(f"tidy: {len(files)} files, {len(RULES)} rules, each with its planted fault")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
