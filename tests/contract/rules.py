"""The rules that hold for every route of which they speak (20-api, Contract), one function each.

A rule is a generator over (world, operation): it sends requests and yields what is wrong, as texts. `try_all` asks each
rule about each operation it concerns and reports one line a rule. All requests but the last are refused by the rule, so
one sample serves several of them. The rules themselves are in the modules beside this one, on_*.py.
"""
from samples import prepared

RULES = []  # (what, concerns(operation), rule)


def rule(what, concerns):
    def keep(function):
        RULES.append((what, concerns, function))
        return function
    return keep


def try_all(report, shop, operations):
    for what, concerns, check in RULES:
        concerned = [operation for operation in operations if concerns(operation)]
        wrong = [f"{operation.name}: {fault}" for operation in concerned for fault in check(shop, operation)]
        report.none(f"{what}: {len(concerned)} routes", wrong if concerned else ["it concerns no route"])


class Try:
    """Sends a fresh sample, with changes, as the lowest role that may; yields a fault unless the answer is as told."""

    def __init__(self, shop, operation):
        self.shop, self.operation, self.who = shop, operation, shop.lowest(operation)
        self.ask = self.fresh()

    def fresh(self):
        self.who, ask = prepared(self.shop, self.operation, self.who)
        return ask

    def send(self, ask=None, **change):
        return self.shop.send(self.operation, ask or self.ask, self.who, **change)

    def fault(self, what, status, code=None, pointer=None, **change):
        """None, or what is wrong with the answer to the changed sample."""
        answer = self.send(**change)
        if answer.status != status:
            return f"{what}: {status} expected, got {answer}"
        if code and answer.json["code"] != code:
            return f"{what}: code {code} expected, got {answer}"
        if pointer and pointer not in pointers(answer):
            return f"{what}: {pointer} expected, got {answer}"
        return None


def pointers(answer):
    return [error["pointer"] for error in answer.json.get("errors", [])]


def faults(*found):
    return [fault for fault in found if fault]
