"""How the bench prints what it found, and the goals it is held against. Called by every part."""

# key of the figure, measure, must be ("≥" or "≤"), at least, aim, unit
GOALS = (
    ("sales ratio 32", "checkouts/s, tilld : peer, 32 connections", "≥", 5, 10, ""),
    ("sales ratio 1", "checkouts/s, tilld : peer, 1 connection", "≥", 1.5, 2, ""),
    ("lookups ratio 32", "lookups/s with token and session check, 32 connections, tilld : peer", "≥", 1.8, 3, ""),
    ("sales to raw 32", "checkouts/s at 32 : raw grouped loop of the same statements", "≥", 0.5, 0.8, ""),
    ("memory idle", "memory idle, 10 k products", "≤", 16, 12, "MB"),
    ("memory after", "memory after the bench", "≤", 32, 20, "MB"),
    ("written 1", "written per sale, 1 connection, time-ordered keys", "≤", 20, 18, "KB"),
    ("written 32", "written per sale, 32 connections, time-ordered keys", "≤", 12, 9, "KB"),
    ("written to raw 1", "written per sale, 1 connection : raw loop", "≤", 1.25, None, ""),
    ("written to raw 32", "written per sale, 32 connections : raw loop", "≤", 1.25, None, ""),
    ("start 100k", "start to first answer, 100 k orders", "≤", 150, 50, "ms"),
    ("growth sales", "p99 of checkout at 1 M : at 1 k orders", "≤", 1.3, 1.1, ""),
    ("growth lookups", "p99 of lookup at 1 M : at 1 k orders", "≤", 1.3, 1.1, ""),
    ("search p99", "search among 50 k products while selling, p99", "≤", 30, 10, "ms"),
    ("search sales", "p99 of checkout beside searches : alone", "≤", 1.5, 1.3, ""),
    ("crowd sales", "p99 of checkout beside the crowd : alone", "≤", 2, 1.5, ""),
    ("crowd lookups", "p99 of lookup beside the crowd : alone", "≤", 2, 1.5, ""),
    ("connection plain", "memory of a connection, plain", "≤", 8, None, "KB"),
    ("connection tls", "memory of a connection, TLS", "≤", 40, None, "KB"),
    ("sync p99", "sale to hub commit, line up, p99", "≤", 250, 100, "ms"),
    ("sync backlog", "backlog of 100 k rows to hub commit", "≤", 30, 5, "s"),
    ("sync wire 1", "wire bytes per three-line sale, one by one", "≤", 900, 400, "bytes"),
    ("sync wire 32", "wire bytes per three-line sale, 32 connections", "≤", 900, 400, "bytes"),
    ("sync ratio 1", "checkouts/s with a hub : without, 1 connection", "≥", 0.85, 0.95, ""),
    ("sync ratio 32", "checkouts/s with a hub : without, 32 connections", "≥", 0.85, 0.95, ""),
    ("sync memory tilld", "memory idle, tilld with a hub", "≤", 20, None, "MB"),
    ("sync memory tillhub", "memory idle, tillhub", "≤", 24, None, "MB"),
)


def number(value):
    """Three significant digits, thousands with a comma; text as it is."""
    if value is None:
        return ""
    if isinstance(value, (str, int)):
        return f"{value:,}" if isinstance(value, int) else value
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(head, rows):
    """Prints aligned columns; the first to the left, the others to the right."""
    cells = [list(head)] + [[number(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        print("   " + "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))))
    print(flush=True)


def goals(got):
    """Prints the table of goals against the figures of this run, and counts. → the exit code"""
    passed, failed, rows = 0, 0, []
    for key, measure, sign, least, aim, unit in GOALS:
        value = got.get(key)
        if not isinstance(value, (int, float)):
            verdict = value or "not measured"
            rows.append((measure, f"{sign} {least} {unit}".strip(), number(aim), verdict, ""))
            continue
        held = value >= least if sign == "≥" else value <= least
        passed, failed = passed + held, failed + (not held)
        rows.append((measure, f"{sign} {least} {unit}".strip(), number(aim), f"{number(value)} {unit}".strip(),
                     "ok" if held else "FAIL"))
    print("\n== what it must show")
    table(("measure", "at least", "aim", "got", ""), rows)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
