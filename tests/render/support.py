"""Reports to render: an edited submission, hostile names, and very many findings."""

from dataclasses import replace

from fixtures.builder import BASE, SYSTEM_FILE, Tree, accuracy, run
from submission_checker.model.findings import Finding, Level, Location, Subject, Suppression
from submission_checker.model.report import Verdict

HOSTILE = (
    "\x1b[31mred", "::error::owned", "<script>alert(1)</script>", "=cmd|' /C calc'!A0",
    "\u202etxt.exe", "x" * 10_000, "a\nb::stop-commands::x", "`code` ``` | cell |",
    "[link](https://example.org)", "@everyone #1", "]]>&amp;<![CDATA[", "\x00\ufffe\ud800",
    "half \udcff byte", "%0A%3A,:", "{0} {1}", "<!-- x -->", "$(id) ${{ secrets.X }}",
    "</details></summary>", "javascript:alert(1)", "é漢🙂",
)


def edited_tree(folder):
    """Return the bundled submission with faults of every kind."""
    tree = Tree.demo(folder).copy_division()
    tree.set_log(run("toyllm", "Server"), "early_stopping_met", False)
    tree.set_json(SYSTEM_FILE, "hw_note", "x")
    tree.write(f"{BASE}/notes.swp", "x").write("open/DemoOrg/notes.swp", "x")
    tree.write(f"{accuracy()}/accuracy.txt", "nothing\n")
    return tree.delete(run("digits", "Server", "open"))


def edited(folder):
    """Return the report of the bundled submission with findings of every kind, one suppressed."""
    report = edited_tree(folder).report()
    number = next(i for i, f in enumerate(report.findings) if f.level is Level.WARNING)
    mark = Suppression("agreed with the working group", "chair", "2026-12-31")
    found = [f._replace(suppressed=mark) if i == number else f
             for i, f in enumerate(report.findings)]
    return replace(report, findings=tuple(found))


def hostile(report):
    """Return a report with findings and results that carry every hostile text everywhere."""
    findings = [
        Finding("TREE016", list(Level)[number % 3], Location(f"closed/{text}", None, f"/{text}"),
                Subject("closed", text, text, text, text, text), text, text, text, text, text,
                (text,), f"{number:016x}",
                suppressed=Suppression(text, text, "2026-12-31") if number % 5 == 4 else None)
        for number, text in enumerate(HOSTILE)
    ]
    valid = next(row for row in report.results if row.verdict is Verdict.VALID)
    rows = [
        valid._replace(location=f"closed/{text}", reason=text, category=text,
                system_type=text, subject=Subject("closed", text, text, text, text),
                weight_types=text, model=text)
        for text in HOSTILE
    ]
    systems = [report.systems[0]._replace(subject=Subject("closed", text, text),
                       fields=(("system_name", text), ("hw_notes", text)), private_id=text)
               for text in HOSTILE]
    order = sorted(findings, key=Finding.sort_key)
    return replace(report, findings=tuple(order), results=tuple(rows), systems=tuple(systems),
                   options=(("submitter", HOSTILE[2]),), partial=True)


def many(report, count):
    """Return a report with very many findings about many subjects."""
    example = next(f for f in report.findings if f.level is Level.ERROR)
    findings = (
        example._replace(level=list(Level)[n % 3], fingerprint=f"{n:016x}",
                rule=f"TREE{n % 1000:03d}", location=Location(f"closed/Org{n % 97}/{n}.txt", n),
                subject=Subject("closed", f"Org{n % 97}", f"system{n % 991}", "digits", "Offline"))
        for n in range(count)
    )
    return replace(report, findings=tuple(sorted(findings, key=Finding.sort_key)))
