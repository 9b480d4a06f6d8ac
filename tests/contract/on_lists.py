"""Rules for lists: limits, cursors, chosen fields, totals, orders, and walks over all pages."""
import json

from rules import Try, faults, rule


@rule("limit is 1 to 200, a cursor is one of the list's own", lambda o: o.is_list)
def odd_pages(shop, operation):
    attempt = Try(shop, operation)
    odd = {"limit": ("0", "201", "-1", "x", "", "1.5", "+5", "9" * 20),
           "cursor": ("", "x", "MA", "LTE", "AAAA", "5", "a=b&c")}
    for name, values in odd.items():
        for value in values:
            yield from faults(attempt.fault(f"{name}={value!r}", 400, pointer=f"?{name}", query={name: value}))
    for good in ("1", "200"):
        yield from faults(attempt.fault(f"limit={good}", operation.ok, query={"limit": good}))


@rule("fields: only those, of those there are; all without it", lambda o: "fields" in o.query)
def chosen_fields(shop, operation):
    attempt = Try(shop, operation)
    members = [name for name in operation.members if name not in expanded(attempt)]
    for chosen in (members[:1], members[-2:], members):
        page = attempt.send(query={"fields": ",".join(chosen)})
        if page.status != 200 or any(set(row) != set(chosen) for row in page.json["items"]):
            yield f"fields={chosen}: these expected, got {page}"
    if any(set(row) != set(members) for row in attempt.send().json["items"]):
        yield "without it: not all members"
    for odd in ("", "colour", f"{members[0]},colour", f"{members[0]},,", f"{members[0]} ", "*"):
        yield from faults(attempt.fault(f"fields={odd!r}", 400, pointer="?fields", query={"fields": odd}))


def expanded(attempt):
    """Members that are there only where they are asked for."""
    if "expand" not in attempt.operation.query:
        return []
    return [name for name in attempt.operation.members if attempt.send(query={"expand": name}).status == 200]


@rule("expand: what is asked for is there, nothing else can be", lambda o: "expand" in o.query)
def expansions(shop, operation):
    attempt = Try(shop, operation)
    names = expanded(attempt)
    if not names:
        yield "nothing to expand"
    for name in names:
        if any(name not in row for row in attempt.send(query={"expand": name}).json["items"]):
            yield f"expand={name}: not there"
        if any(name in row for row in attempt.send().json["items"]):
            yield f"{name}: there without being asked for"
    for odd in ("", "colour", "id", "*"):
        yield from faults(attempt.fault(f"expand={odd!r}", 400, pointer="?expand", query={"expand": odd}))


@rule("total: how many there are in all, on each page, where it is asked for", lambda o: "total" in o.query)
def totals(shop, operation):
    attempt = Try(shop, operation)
    whole, asked = walk(attempt, 200), {"total": "true", "limit": 1}
    page = attempt.send(query=asked)
    again = attempt.send(query=asked | ({"cursor": page.json["next"]} if page.json["next"] else {}))
    grown = 0 if operation.name != "audit.list" else 9  # our own log-ins are written to it meanwhile
    for answer in (page, again):
        if not len(whole) <= answer.json.get("total", -1) <= len(whole) + grown:
            yield f"{len(whole)} expected, got {answer}"
    if "total" in attempt.send(query={"total": "false"}).json or "total" in attempt.send().json:
        yield "it is there without being asked for"
    for odd in ("", "1", "yes", "True"):
        yield from faults(attempt.fault(f"total={odd!r}", 400, pointer="?total", query={"total": odd}))


@rule("pages of any size show the same rows in the same order, none twice", lambda o: o.is_list)
def walks(shop, operation):
    attempt = Try(shop, operation)
    attempt.fresh()  # a second row, at least where rows are made by samples
    whole = walk(attempt, 200)
    for size in (1, 7) if len(whole) < 300 else (7,):
        pages = walk(attempt, size)
        if operation.name == "audit.list":  # our own log-ins are written to it meanwhile
            pages, whole = pages[-50:], whole[-50:]
        if pages != whole:
            yield f"pages of {size}: {len(pages)} rows, of 200: {len(whole)}"
    if len(set(whole)) != len(whole):
        yield f"{len(whole)} rows, {len(set(whole))} different"


@rule("sort: either way, over pages of any size; no cursor of another order, no other name",
      lambda o: "sort" in o.query)
def sorts(shop, operation):
    attempt, sorted_by = Try(shop, operation), 0
    for name in operation.members:
        first = attempt.send(query={"sort": name, "limit": 1})
        if first.status == 400:
            continue
        sorted_by += 1
        up, down = ([json.loads(row)[name] for row in walk(attempt, 200, sort=sort)] for sort in (name, f"-{name}"))
        if up != down[::-1] or (isinstance(up[0], int) and up != sorted(up)):
            yield f"sort={name}: {up[:9]}, sort=-{name}: {down[:9]}"
        if walk(attempt, 7, sort=name) != walk(attempt, 200, sort=name):
            yield f"sort={name}: pages of 7 show other rows than those of 200"
        for other in ({}, {"sort": f"-{name}"}):
            query = other | {"cursor": first.json["next"]}
            yield from faults(attempt.fault(f"cursor of {name} for {other}", 400, pointer="?cursor", query=query))
    if not sorted_by:
        yield "nothing to sort by"
    for odd in ("", "colour", "--name", "name,,", "name;drop table products"):
        yield from faults(attempt.fault(f"sort={odd!r}", 400, pointer="?sort", query={"sort": odd}))


def walk(attempt, size, **query):
    """All rows of a list as texts, over its cursors and its Link headers, which must say the same."""
    rows, cursor = [], None
    while True:
        answer = attempt.send(query=query | {"limit": size} | ({"cursor": cursor} if cursor else {}))
        if answer.status != 200:
            return [str(answer)]
        page = answer.json
        rows += [json.dumps(row) for row in page["items"]]
        cursor, link = page["next"], answer.headers.get("link", "")
        if len(page["items"]) > size or (f"cursor={cursor}" not in link if cursor else link):
            return [f"a page of {len(page['items'])}, Link {link}, next {cursor}"]
        if cursor is None:
            return rows
