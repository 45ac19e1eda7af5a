"""`exceptions list|add|prune|baseline`: the file as people keep it."""

import json

import pytest

from fixtures.builder import BASE, SYSTEM_FILE, Tree
from tests import commands

NOW = ["--today", "2026-08-10"]
WHO = ["--reason", "agreed with the working group", "--approved-by", "chair"]


def command(*arguments):
    done = commands.command(*arguments)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def tree(tmp_path):
    return Tree.demo(tmp_path).set_json(SYSTEM_FILE, "hw_note", "x")


def add(tree, rule="SYST004", subject=SYSTEM_FILE, *more):
    return command("exceptions", "add", tree.root, "--rule", rule, "--subject", subject, "--round",
                   "demo", *WHO, *NOW, *more)


def states(tree, today="2026-08-10"):
    done = command("check", tree.root, "--round", "demo", "--format", "json", "--today", today)
    return [e["state"] for e in json.loads(done.stdout)["exceptions"]]


def test_add_list_and_use(tree):
    done = add(tree)
    assert (done.returncode, "expires = 2026-09-09" in done.stdout) == (0, True)
    listed = command("exceptions", "list", tree.root, *NOW).stdout
    assert "SYST004" in listed and "in force" in listed and "1 exception in" in listed
    assert states(tree) == ["used"]


@pytest.mark.parametrize(("rule", "more", "words"), [
    ("SYST04", [], "did you mean 'SYST0"),
    ("SYST004", ["--expires", "2027-08-10"], "more than 180 days"),
    ("SYST004", ["--expires", "soon"], "soon"),
])
def test_add_writes_nothing_that_check_would_refuse(rule, more, words, tree):
    done = add(tree, rule, SYSTEM_FILE, *more)
    assert (done.returncode, words in done.stderr) == (2, True)
    assert not tree.path("submission-exceptions.toml").exists()


def test_prune_removes_what_does_nothing(tree):
    add(tree)
    add(tree, "SYST002", "closed/nobody.json")
    add(tree)
    assert states(tree) == ["used", "unused", "duplicate"]
    dry = command("exceptions", "prune", tree.root, "--round", "demo", "--dry-run", *NOW)
    assert dry.stdout.count("would remove") == 2
    assert states(tree) == ["used", "unused", "duplicate"]
    done = command("exceptions", "prune", tree.root, "--round", "demo", *NOW)
    assert "1 of 3 exceptions needed" in done.stdout
    assert states(tree) == ["used"]


def test_baseline_from_a_report(tree, tmp_path):
    tree.write(f"{BASE}/notes.swp", "x")
    report, out = tmp_path / "report.json", tmp_path / "base.toml"
    command("check", tree.root, "--round", "demo", "-o", f"json:{report}")
    done = command("exceptions", "baseline", report, "-o", out, "--level", "info", *WHO, *NOW)
    assert done.returncode == 0 and "added: " in done.stdout
    judged = command("check", tree.root, "--round", "demo", "--exceptions", out, "--format", "json",
                     "--fail-on", "info", *NOW)
    assert judged.returncode == 0
    assert json.loads(judged.stdout)["summary"]["suppressed"] >= 2


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema_version": 2, "findings": []}'])
def test_baseline_wants_a_report(content, tmp_path):
    (tmp_path / "x.json").write_text(content)
    done = command("exceptions", "baseline", tmp_path / "x.json", "-o", tmp_path / "out", *WHO)
    assert (done.returncode, "is no JSON report" in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_broken_file_is_wrong_use(tree):
    tree.write("submission-exceptions.toml", "[[exception]]\nrule = ")
    for arguments in (["exceptions", "list"], ["exceptions", "prune"], ["check"]):
        assert command(*arguments, tree.root).returncode == 2


def entries(tree):
    return tree.path("submission-exceptions.toml").read_text()


def update(tree, *more, now="2026-08-10"):
    return command("exceptions", "update", tree.root, "--round", "demo", "--today", now, *more)


def test_update_refreshes_the_fingerprint_of_the_one_finding_at_its_place(tree):
    add(tree)
    pinned = entries(tree).replace("reason =", 'fingerprint = "0000000000000000"  # old\nreason =')
    tree.write("submission-exceptions.toml", "# kept\n" + pinned)
    assert states(tree) == ["unused"]
    dry = update(tree, "--dry-run")
    assert "would be changed 1: SYST004" in dry.stdout and entries(tree) == "# kept\n" + pinned
    done = update(tree)
    assert (done.returncode, "1 of 1 exception kept" in done.stdout) == (0, True)
    assert states(tree) == ["used"]
    assert entries(tree).startswith("# kept\n") and '"  # old\n' in entries(tree)
    assert "000000" not in entries(tree)


def test_update_leaves_a_fingerprint_that_can_mean_several(tree):
    tree.set_json(SYSTEM_FILE, "sw_note", "y")
    add(tree)
    tree.write("submission-exceptions.toml",
               entries(tree).replace("reason =", 'fingerprint = "0000000000000000"\nreason ='))
    before = entries(tree)
    done = update(tree)
    assert "left 1: SYST004" in done.stdout and "2 findings are at its place" in done.stdout
    assert entries(tree) == before


def test_update_removes_what_answers_for_nothing_and_adds_nothing(tree):
    add(tree)
    add(tree, "SYST002", "closed/nobody.json")
    add(tree)
    tree.write(f"{BASE}/notes.swp", "x")
    done = update(tree)
    assert [line.split(":")[0] for line in done.stdout.splitlines()[:2]] == ["removed 2",
                                                                            "removed 3"]
    assert entries(tree).count("[[exception]]") == 1 and states(tree) == ["used"]


def test_update_renews_only_when_asked(tree):
    add(tree)
    later = "2026-10-01"
    assert states(tree, later) == ["expired"]
    before = entries(tree)
    assert "--expires DATE renews it" in update(tree, now=later).stdout
    assert entries(tree) == before
    update(tree, "--expires", "2026-11-01", now=later)
    assert "created = 2026-10-01\nexpires = 2026-11-01" in entries(tree)
    assert states(tree, later) == ["used"]
    refused = update(tree, "--expires", "2028-01-01", now="2026-10-31")
    assert (refused.returncode, "more than 180 days" in refused.stderr) == (2, True)


@pytest.mark.parametrize("odd", [
    '"expires" = 2026-09-09', 'expires = 2026-09-09\nlink = """\nexpires = 2026-09-09\n"""',
])
def test_update_touches_no_text_that_it_cannot_tell_apart(odd, tree):
    add(tree)
    tree.write("submission-exceptions.toml",
               entries(tree).replace("expires = 2026-09-09", odd))
    before = entries(tree)
    done = update(tree, "--expires", "2026-11-01", now="2026-09-09")
    assert (done.returncode, "by hand" in done.stderr) == (2, True), done.stdout
    assert entries(tree) == before


def test_strict_makes_an_unused_exception_an_error(tree):
    add(tree, "SYST002", "closed/nobody.json")
    for options, code in (((), 0), (("--strict",), 1)):
        done = command("check", tree.root, "--round", "demo", *NOW, *options)
        assert (done.returncode, "BASE002" in done.stdout) == (code, True)


@pytest.mark.parametrize("number", range(1, 9))
def test_findings_about_exceptions_are_explained(number):
    done = command("explain", f"BASE00{number}")
    assert done.returncode == 0
    assert {"why", "fix", "level", "source"} <= {line.partition(" ")[0]
                                                 for line in done.stdout.splitlines()}


def test_findings_about_entries_name_the_file_that_was_given(tree, tmp_path):
    add(tree, "SYST004", "closed/nowhere", "--exceptions", tmp_path / "agreed.toml")
    done = command("check", tree.root, "--round", "demo", "--exceptions",
                   tmp_path / "agreed.toml", *NOW)
    assert "\nwarning BASE002 exception-unused\n  agreed.toml:1\n" in done.stdout
    assert "submission-exceptions.toml" not in done.stdout


def test_add_wants_a_known_round(tree):
    done = command("exceptions", "add", tree.root, "--rule", "SYST004", "--subject", SYSTEM_FILE,
                   "--round", "dem0", *WHO, *NOW)
    assert (done.returncode, "did you mean 'demo'?" in done.stderr) == (2, True)
    assert not tree.path("submission-exceptions.toml").exists()


def test_baseline_says_what_may_be_one_entry_too_many(tree, tmp_path):
    command("check", tree.root, "--round", "demo", "-o", f"json:{tmp_path}/r.json", *NOW)
    done = command("exceptions", "baseline", tmp_path / "r.json", "--level", "info", "-o",
                   tmp_path / "agreed.toml", *WHO, *NOW)
    assert "exceptions prune PATH --round demo --exceptions" in done.stdout


@pytest.mark.parametrize(("subject", "words"), [
    (SYSTEM_FILE.replace("systems", "sytems"), f"did you mean '{SYSTEM_FILE}'?"),
    ("closed/DemoOrg/sys*/no-such-host.json", "fits 'closed/DemoOrg/sys*/no-such-host.json', so"),
    ("closed/DemoOrg/systems/demo-host.jsn", f"did you mean '{SYSTEM_FILE}'?"),
])
def test_add_says_that_nothing_fits_a_subject(tree, subject, words):
    done = add(tree, "SYST004", subject)
    assert (done.returncode, words in done.stderr) == (0, True)
    assert "note: nothing in " in done.stderr and "about what is absent" in done.stderr


@pytest.mark.parametrize("subject", [SYSTEM_FILE, ".", "closed/DemoOrg/systems/*.json",
                                     "closed/DemoOrg/systems/"])
def test_add_is_silent_where_something_fits(tree, subject):
    assert add(tree, "SYST004", subject).stderr == ""


def test_add_wants_a_tree(tree):
    done = command("exceptions", "add", tree.root / "none", "--rule", "SYST004", "--subject", ".",
                   "--round", "demo", *WHO, *NOW)
    assert (done.returncode, "no such folder; name the file" in done.stderr) == (2, True)


def test_what_check_proposes_with_an_exceptions_file_is_that_pack_reads_it(tree, tmp_path):
    file = tmp_path / "agreed here.toml"
    tree.write("closed/DemoOrg/systems/left.json", "{}")
    judged = ["check", tree.root, "--round", "demo"]
    found = json.loads(command(*judged, "--format", "json").stdout)["findings"]
    for rule, path in {(f["rule"], f["location"]["path"]) for f in found if f["level"] == "error"}:
        done = command("exceptions", "add", tree.root, "--rule", rule, "--subject", path,
                       "--round", "demo", "--exceptions", file, *WHO)
        assert done.returncode == 0
    option = f"--round demo --exceptions '{file}'"
    assert f"pack {tree.root} DEST {option}" in command(*judged, "--exceptions", file).stdout
    packed = command("pack", tree.root, tmp_path / "up", *judged[2:], "--exceptions", file)
    assert (packed.returncode, f"check {tmp_path / 'up'} {option}" in packed.stdout) == (0, True)
    assert command("pack", tree.root, tmp_path / "up2", *judged[2:]).returncode == 1
