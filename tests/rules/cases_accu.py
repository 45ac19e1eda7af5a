"""Edits of the bundled submission that the ACCU rules must find, and edits they must pass."""

from __future__ import annotations

from fixtures.builder import accuracy
from tests.rules.edits import ACC_LOG, ANSWERS, TEXT, Edit, mapped, open_bad_accuracy, sha

CASES: dict[str, list[Edit]] = {
    "ACCU001": [lambda t: t.set_log(ACC_LOG, "effective_test_mode", "PerformanceOnly")],
    "ACCU002": [lambda t: t.write(TEXT, "{'rouge1': 44.1}\n\nhash=" + "0" * 64 + "\n")],
    "ACCU003": [lambda t: t.write(TEXT, "accuracy=89.900%, good=899, total=1000\n\nhash="
                                  + "0" * 64 + "\n")],
    "ACCU004": [lambda t: t.replace(f"{accuracy('toyllm')}/accuracy.txt",
                                    "'tokens_per_sample': ", "'tokens_per_sample': 9")],
    "ACCU005": [lambda t: t.replace(TEXT, "hash=", "hash:"),
                lambda t: t.write(TEXT, t.text(TEXT) + "hash=" + "0" * 64 + "\n"),
                lambda t: t.replace(TEXT, "hash=", "hash=xyz")],
    "ACCU006": [lambda t: t.write(ANSWERS, '[\n{ "seq_id" : 0, "qsl_idx" : 1, "data" : "00" }\n]')],
    "ACCU007": [lambda t: t.write(TEXT, "accuracy=95.000%, good=950, total=1000\n\nhash="
                                  + sha(t, ANSWERS) + "\n")],
    "ACCU008": [lambda t: t.write(ANSWERS, t.text(ANSWERS) + " " * 10000)],
    "ACCU009": [lambda t: t.write(ANSWERS, t.text(ANSWERS)[1:]),
                lambda t: t.write(ANSWERS, t.text(ANSWERS).replace("\n\n...\n\n", " \n\n...\n\n"))],
    "ACCU010": [lambda t: t.set_log(ACC_LOG, "effective_accuracy_sample_count", 999),
                lambda t: mapped(t.set_log(ACC_LOG, "effective_accuracy_sample_count", 500))],
    "ACCU011": [lambda t: t.add_log(ACC_LOG, "error_runtime", "boom", is_error=True)],
    "ACCU013": [lambda t: t.set_log(ACC_LOG, "effective_scenario", "Server")],
    "ACCU014": [lambda t: t.write(TEXT, "accuracy=95.000%, good=95, total=100\n\nhash="
                                  + "0" * 64 + "\n"),
                lambda t: t.write(TEXT, "accuracy=96.000%, good=950, total=1000\n\nhash="
                                  + "0" * 64 + "\n"),
                lambda t: t.write(TEXT, "Word Error Rate: 7.45%, accuracy=93.55%\n\nhash="
                                  + "0" * 64 + "\n")],
    "ACCU015": [lambda t: t.write(TEXT, "accuracy=95.000%, good=950, total=1000\n"
                                  "accuracy=96.000%, good=960, total=1000\n\nhash="
                                  + "0" * 64 + "\n")],
    "ACCU016": [lambda t: t.write(TEXT, "accuracy=100.100%\n\nhash=" + "0" * 64 + "\n"),
                lambda t: t.write(TEXT, "accuracy=99.100%\n\nhash=" + "0" * 64 + "\n")],
    "ACCU017": [lambda t: t.set_log(ACC_LOG, "loadgen_version", "6.0.16 @ 0123456789")],
    "ACCU018": [lambda t: t.set_log(ACC_LOG, "qsl_reported_total_count", 20)],
    "ACCU021": [lambda t: t.set_log(ACC_LOG, "effective_qsl_rng_seed", 0)],
    "ACCU023": [open_bad_accuracy],
}

PASSING: dict[str, Edit] = {
    "ACCU006": lambda t: t.write(ANSWERS, "[\n]").write(
        TEXT, "accuracy=95.000%, good=950, total=1000\n\nhash=" + sha(t, ANSWERS) + "\n"),
    "ACCU023": lambda t: t.open_division(),
}
