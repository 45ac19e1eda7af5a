"""Edits of the bundled submission that the TREE rules must find, and edits they must pass."""

from __future__ import annotations

from fixtures.builder import BASE, SYSTEM, SYSTEM_FILE, accuracy, result
from tests.rules.edits import DESC, OFF, PERF, SS, SUMMARY, TEXT, Edit, link, pointer, special

CASES: dict[str, list[Edit]] = {
    "TREE001": [lambda t: t.rename("closed", "Closed"), lambda t: t.write("other/x.txt", "x")],
    "TREE002": [lambda t: t.write("stray.txt", "x")],
    "TREE003": [lambda t: t.write("closed/notes.txt", "x")],
    "TREE004": [lambda t: t.rename(f"{BASE}/results", f"{BASE}/reslts")],
    "TREE005": [lambda t: t.write(f"{BASE}/extras/x.txt", "x")],
    "TREE006": [lambda t: t.write(f"{BASE}/results/{SYSTEM}/digits/log.txt", "x")],
    "TREE007": [lambda t: link(t, f"{BASE}/gone", "absent")],
    "TREE008": [lambda t: link(t, f"{BASE}/out", "/etc/hostname"),
                lambda t: link(t, f"{BASE}/up", "../../../x")],
    "TREE009": [lambda t: link(t, f"{BASE}/same.md", "calibration.md")],
    "TREE010": [lambda t: t.path(f"{BASE}/big.bin").open("wb").truncate(52428801)],
    "TREE011": [lambda t: t.write(f"{BASE}/results/{SYSTEM}/digits/Offline/.hidden", "x"),
                lambda t: t.write(f"{BASE}/.gitkeep", "x")],
    "TREE012": [lambda t: t.write(f"{BASE}/a b.md", "x")],
    "TREE013": [lambda t: t.write(f"{BASE}/code/__pycache__/x.pyc", "x"),
                lambda t: t.write(f"{BASE}/code/x.pyc", "x")],
    "TREE014": [lambda t: t.path(f"{result()}/empty").mkdir()],
    "TREE015": [lambda t: t.write(f"{BASE}/documentation/{'d' * 100}/{'e' * 120}.md", "x"),
                lambda t: t.write(f"{BASE}/documentation/{'d' * 150}/{'e' * 150}.md", "x")],
    "TREE016": [lambda t: t.write(f"{BASE}/Calibration.md", "x"),
                lambda t: t.write(f"{BASE}/bad\nname.md", "x"),
                lambda t: t.write(f"{BASE}/evil\u202egnp.md", "x")],
    "TREE017": [special],
    "TREE018": [lambda t: t.delete(SYSTEM_FILE)],
    "TREE019": [lambda t: t.copy(SYSTEM_FILE, f"{BASE}/systems/unused.json")],
    "TREE020": [lambda t: t.rename(f"{BASE}/results/{SYSTEM}/digits",
                                   f"{BASE}/results/{SYSTEM}/digit")],
    "TREE021": [lambda t: (t.open_division(),
                           t.write("open/DemoOrg/model_mapping.json", '{"mine": "digts"}')),
                lambda t: (t.open_division(),
                           t.write("open/DemoOrg/model_mapping.json", "[1]")),
                lambda t: (t.open_division(),
                           t.write("open/DemoOrg/model_mapping.json", '{"mine": ["digits"]}'))],
    "TREE022": [lambda t: t.set_json(SYSTEM_FILE, "system_type", "edge")],
    "TREE023": [lambda t: t.delete(result(scenario="Server")),
                lambda t: t.set_log(SS, "result_validity", "INVALID")],
    "TREE024": [lambda t: t.set_json(SYSTEM_FILE, "system_type", "edge")],
    "TREE025": [lambda t: t.rename(result(), result(scenario="Offlin"))],
    "TREE026": [lambda t: t.copy(result(), result(scenario="offline"))],
    "TREE027": [lambda t: t.rename(f"{PERF}/run_1", f"{PERF}/run_2")],
    "TREE028": [lambda t: t.delete(OFF), lambda t: t.write(f"{PERF}/run_1/notes.txt", "x")],
    "TREE029": [lambda t: t.rename(TEXT, f"{accuracy()}/acuracy.txt")],
    "TREE030": [lambda t: t.write(SUMMARY, "")],
    "TREE031": [pointer],
    "TREE032": [lambda t: t.write(SUMMARY, t.text(SUMMARY).replace("\n", "\r\n")),
                lambda t: t.write(DESC, b"\xef\xbb\xbf" + t.text(DESC).encode())],
    "TREE033": [lambda t: t.write(f"{BASE}/notes.swp", "x")],
    "TREE034": [lambda t: t.delete(accuracy()), lambda t: t.delete(result("toyllm", "Server"))],
    "TREE036": [lambda t: t.copy(BASE, "open/demo-org")],
}

PASSING: dict[str, Edit] = {
    "TREE021": lambda t: (t.open_division(), t.write(
        "open/DemoOrg/model_mapping.json", '{"digits": "digits"}')),
}
