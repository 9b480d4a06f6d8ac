#!/usr/bin/env python3
"""What programs of others say of the documents that tilld makes from its table of routes.

Redocly's linter reads the OpenAPI document of a running tilld; newman plays the Postman collection of `tilld postman`
against a fresh one. Both are installed from npm below the build folder, once, at the versions that
tests/contract/package.json names. Without npm's registry they are skipped, which is said loudly; all else never is.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import till

PACKAGE = till.ROOT / "tests/contract/package.json"
# No limits: newman sends all log-ins and registrations within a minute.
SETTINGS = till.CONFIG | {"limits.public_per_s": 0, "limits.customer_per_s": 0, "limits.strict_per_min": 0,
                          "auth.password_cost": 1, "payments.mode": "test"}
ADMIN = "admin@shop.test"
INSTALL_S, RUN_S = 300, 120
QUIET = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def run(command, timeout_s, cwd=None):
    return subprocess.run([str(word) for word in command], cwd=cwd, env=QUIET, capture_output=True, text=True,
                          timeout=timeout_s, check=False)


def tools(build):
    """Folder of the installed programs, or None if npm's registry cannot be reached. Another fault ends the script."""
    name = hashlib.sha256(PACKAGE.read_bytes()).hexdigest()[:12]
    folder = build / f"contract-{name}"
    programs = folder / "node_modules/.bin"
    if (folder / "installed").exists():
        return programs
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(PACKAGE, folder)
    print("      installing the linter and newman (once)", flush=True)
    npm = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"]
    done = run(npm, INSTALL_S, folder)
    if done.returncode == 0:
        (folder / "installed").touch()
        return programs
    if run(["npm", "ping"], INSTALL_S, folder).returncode == 0:
        raise SystemExit(f"npm install of {PACKAGE}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    print("*" * 100 + "\nSKIPPED: npm's registry cannot be reached, so the linter and newman did not run\n" + "*" * 100)
    return None


def lint(report, programs, house):
    """No error and no warning but those of rules that say nothing about correctness."""
    path = house.home / "openapi.json"
    path.write_bytes(till.Client(house.port).get("/api/v1/openapi.json").body)
    done = run([programs / "redocly", "lint", "--format=json", "--skip-rule=no-ambiguous-paths", path], RUN_S)
    told = json.loads(done.stdout[done.stdout.index("{"):])
    problems = [f"{p['ruleId']}: {p['message']} at {p['location'][0].get('pointer')}" for p in told["problems"]]
    report.none("linter: nothing to say of the OpenAPI document", problems)
    report.equal("linter: exit code", 0, done.returncode)


def requests_of(items):
    """All requests of a collection, out of its folders."""
    for item in items:
        yield from requests_of(item["item"]) if "item" in item else [item]


def check_collection(report, house, collection):
    """Without newman: each operation of the document is in the collection, once."""
    spec = till.Client(house.port).get("/api/v1/openapi.json").json
    wanted = sorted(f"{method.upper()} {path.replace('{', ':').replace('}', '')}"
                    for path, item in spec["paths"].items() for method in item)
    found = []
    for item in requests_of(collection["item"]):
        url = item["request"]["url"]
        raw = url["raw"] if isinstance(url, dict) else url
        found.append(f"{item['request']['method']} {raw.partition('{{base}}')[2].partition('?')[0]}")
    report.none(f"collection: all {len(wanted)} operations of the document are in it",
                [operation for operation in wanted if operation not in found])
    return found


def play(report, programs, house, path):
    """All requests and assertions of the collection, in its order."""
    out = house.home / "newman.json"
    told = [f"base=http://127.0.0.1:{house.port}", f"email={ADMIN}", f"password={till.PASSWORD}"]
    done = run([programs / "newman", "run", path, "--reporters", "json", "--reporter-json-export", out,
                *(word for variable in told for word in ("--env-var", variable))], RUN_S)
    if not out.exists():
        raise SystemExit(f"newman: exit {done.returncode}\n{done.stdout}{done.stderr}")
    played = json.loads(out.read_text(encoding="utf-8"))["run"]
    failures = [f"{f.get('source', {}).get('name')}: {f['error']['message']}" for f in played["failures"]]
    # By name: what a request's script asks before it stands there once more, as the same request.
    answered = {one["item"]["name"] for one in played["executions"] if "response" in one}
    assertions = played["stats"]["assertions"]["total"]
    report.none(f"newman: {len(answered)} requests, {assertions} assertions, none failed", failures)
    report.check("newman: at least one assertion a request", assertions >= len(answered) > 0, f"≥ {len(answered)}",
                 assertions)
    report.equal("newman: exit code", 0, done.returncode)
    return len(answered)


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    programs = tools(pathlib.Path(args.tilld).resolve().parent)
    with till.Till(args.tilld, SETTINGS) as house:
        house.add_user(ADMIN, "admin")
        house.start()
        collection = house.home / "collection.json"
        collection.write_text(house.cli("postman").stdout, encoding="utf-8")
        found = check_collection(report, house, json.loads(collection.read_text(encoding="utf-8")))
        if programs:
            lint(report, programs, house)
            answered = play(report, programs, house, collection)
            report.equal("newman: every request was answered, but for the stream without an end", len(found) - 1,
                         answered)
        report.equal("stop: exit code", 0, house.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
