#!/usr/bin/env python3
"""The contract of every route (20-api), held against a running tilld: who may, which headers are asked for, what is
refused, and that each answer fits the document that tilld itself gives out.

The list of routes is that document; tests/contract/samples.py has one valid request for each. A route without one fails
the test, so a route added tomorrow is tried as every role, as a stranger's owner and against every rule, or it is
missed. Nothing here knows what a route is for.
"""
import collections
import pathlib
import sys

import till

sys.path.append(str(till.ROOT / "tests/contract"))

import document  # noqa: E402
import on_lists  # noqa: E402, F401: the rules are kept by being read
import on_requests  # noqa: E402, F401
import on_versions  # noqa: E402, F401
import rules  # noqa: E402
import samples  # noqa: E402
import world  # noqa: E402

COLUMNS = ("nobody", "ended session", "customer", "another customer", "cashier", "inventory_manager", "manager",
           "admin", "operator", "restricted")
STAFF = ("cashier", "inventory_manager", "manager", "admin")  # asked for a customer's rows, too


def expected(operation, person):
    """The status that the table promises, and the code of the refusal."""
    if person.name == "ended session":
        return 401, "session_ended"
    if not world.may(person.role, operation.role):
        return (403, "role_required") if person.role else (401, "login_required")
    if person.name == "restricted" and not operation.open_to_restricted:
        return 403, "password_change_required"
    if is_anothers(operation, person) and operation.path_parameters:
        return 404, ""
    return operation.ok, ""


def names_a_row(operation):
    """Does its path name a row that has an owner?"""
    return operation.own_rows and operation.path_parameters and operation.name not in samples.OF_EVERYBODY


def is_anothers(operation, person):
    """Does this person ask for what the customer owns?"""
    asks = names_a_row(operation) or (operation.own_rows and operation.method == "GET")
    return person.name == "another customer" and asks


def cell(shop, operation, person):
    """Sends the sample as this person. → what is wrong with the answer, or None"""
    status, code = expected(operation, person)
    anothers = is_anothers(operation, person)
    is_somebody = person.user and status == operation.ok and not anothers
    owner = shop.customer if anothers else person if is_somebody else shop.lowest(operation)
    owner, ask = samples.prepared(shop, operation, owner)
    answer = shop.send(operation, ask, owner if is_somebody else person)
    if person.name == "operator" and operation.role != "operator":  # he is nobody in the list of users
        return f"turned away or failed: {answer}" if answer.status in (401, 403) or answer.status >= 500 else None
    if answer.status != status:
        return f"{status} expected, got {answer}"
    if code and answer.json["code"] != code:
        return f"code {code} expected, got {answer}"
    return leak(shop, operation, person, ask, answer) if anothers else None


def leak(shop, operation, person, ask, answer):
    """Another's row is refused in the words for one that was never there; a list does not show it."""
    if shown := [text for text in ask.secret if text.encode() in answer.body]:
        return f"shows another's {shown}"
    if answer.status != 404:
        return None
    never = shop.send(operation, ask, person, ids=samples.unknown_ids(operation))
    told, usual = ({**a.json, "request_id": ""} for a in (answer, never))
    return None if told == usual else f"another's: {told}, nobody's: {usual}"


def staff_cell(shop, operation, person):
    """Staff ask for the customer's row. → what is wrong with the answer, or None"""
    shown = operation.name in samples.SHOWN_TO_CASHIERS and world.may(person.role, "cashier")
    ask = samples.SAMPLES[operation.name](shop, shop.customer)
    answer = shop.send(operation, ask, person)
    if answer.status != (operation.ok if shown else 404):
        return f"{operation.ok if shown else 404} expected, got {answer}"
    return None if shown else leak(shop, operation, person, ask, answer)


def try_matrix(report, shop, operations):
    """Every route as everybody; every row that has an owner also as staff who are not it."""
    cells, wrong = 0, collections.defaultdict(list)
    for name in COLUMNS:  # the restricted one last: he changes the password that makes him so
        for operation in sorted(operations, key=lambda o: o.name == "auth.password"):
            fault = cell(shop, operation, shop.people[name])
            cells += 1
            if fault:
                wrong[name].append(f"{operation.name}: {fault}")
    for name in COLUMNS:
        report.none(f"{name}: {len(operations)} routes, each as its role says", wrong[name])
    owned = [operation for operation in operations if names_a_row(operation)]
    for name in STAFF:
        told = [(operation.name, staff_cell(shop, operation, shop.people[name])) for operation in owned]
        wrong[f"{name} on a customer's"] = [cell for cell in told if cell[1]]
        cells += len(told)
        report.none(f"{name} on a customer's row: {len(owned)} routes", wrong[f"{name} on a customer's"])
    all_cells = len(operations) * len(COLUMNS) + len(owned) * len(STAFF)
    right = cells - sum(map(len, wrong.values()))
    report.equal(f"{right} of {all_cells} cells", all_cells, right)


def check_judge(report, shop, operations):
    """Before it may judge, it has to find what is wrong with answers that were made wrong."""
    operation = next(o for o in operations if o.name == "categories.get")
    good = shop.send(operation, samples.SAMPLES[operation.name](shop, shop.manager), shop.manager)
    row, problem = good.json, shop.send(operation, samples.Ask(ids=samples.unknown_ids(operation)), shop.manager)
    report.none("judge: the right answers are right", operation.faults_of(good) + operation.faults_of(problem))

    def made(answer, status=None, headers=None, **change):
        body = {name: value for name, value in (answer.json | change).items() if value != "gone"}
        return till.Answer(status or answer.status, answer.headers | (headers or {}), samples.as_json(body))

    wrong = {"a member less": made(good, name="gone"), "a member more": made(good, colour=1),
             "a number as text": made(good, position="1"), "an id that is none": made(good, id="7"),
             "a time without its zone": made(good, created_at="2026-01-01T00:00:00"),
             "another version's ETag": made(good, version=row["version"] + 1),
             "an undocumented status": made(good, 418), "a server's fault": made(good, 500),
             "no request id": till.Answer(200, {}, good.body), "no body": till.Answer(200, good.headers, b""),
             "a page": made(good, headers={"content-type": "text/html"}),
             "a problem as JSON": made(problem, headers={"content-type": "application/json"}),
             "a problem without code": made(problem, code="gone"),
             "another status inside": made(problem, status=400), "an SQL text": made(problem, detail="near SELECT 1"),
             "a file of ours": made(problem, detail="at users.cpp")}
    report.none(f"judge: {len(wrong)} wrong answers, each found",
                [what for what, answer in wrong.items() if not operation.faults_of(answer)])


def main():
    args = till.arguments(__doc__)
    report = till.Report()
    with till.Till(args.tilld, world.SETTINGS) as house:
        shop = world.World(house)
        spec = shop.nobody.must(200, "GET", "/openapi.json")
        operations = document.operations(spec)
        names = {operation.name for operation in operations}
        report.none(f"{len(names)} routes, each with a sample", sorted(names - set(samples.SAMPLES)))
        report.none("each sample with a route", sorted(set(samples.SAMPLES) - names))
        operations = shop.operations = [o for o in operations if o.name in samples.SAMPLES]
        check_judge(report, shop, operations)
        rules.try_all(report, shop, operations)
        try_matrix(report, shop, operations)
        report.none("every answer fits the document", sorted(set(shop.faults)))
        report.equal("stop: exit code", 0, house.stop())
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
