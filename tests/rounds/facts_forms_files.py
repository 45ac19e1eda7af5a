"""Facts about names, files, aliases and audits that a round holds in other forms."""

import re

from tests.rounds.facts import plain
from tests.rounds.facts_shared import TEST, audit_of, read_by_the_program


def substring_words(match, value, ours, facts):
    """``A, B or C -> model; ...`` in words: the same pairs, whatever the order of one target."""
    rules = re.split(r"by substring: |Review-time checker: ", value)
    text = re.split(r"; otherwise|\. Results|; closed", rules[1])[0]
    pairs = set()
    for part in text.split("; "):
        names, target = part.split(" -> ", 1)
        target = re.sub(r"\(\w+\)", "", target).split("->")[-1].strip()
        names = re.sub(r"^(?:names )?starting with ", "", names)
        pairs |= {(name, target) for name in re.split(r", | or ", names)}
    return pairs, {tuple(pair) for pair in ours["model_aliases"]["substrings"]}


def alias_without_model(match, value, ours, facts):
    own = ours["layout"]["model_mapping"].get(match[1])
    return (value, False), (own, own in ours["models"])


def mapping_file(match, value, ours, facts):
    return True, value.startswith(ours["model_aliases"]["mapping_file"] or "no file")


def template(match, value, ours, facts):
    have = ours["layout"]["templates"][match[1]]
    texts = [p for t in (value if isinstance(value, list) else [value])
             for p in re.split(r" or (?=\{division\})", t)]
    return [re.sub(r"\s*\(.*$", "", t).rstrip("/") for t in texts], have


def compliance_layout(match, value, ours, facts):
    return [value], ours["layout"]["templates"]["compliance"]


def nameplate(match, value, ours, facts):
    path, = ours["layout"]["templates"]["nameplate_power"]
    return value, path.removeprefix("{division}/{submitter}/")


def audit_files(match, value, ours, facts):
    """Remarks tell the files that no checker tests; those of a failed check are another list."""
    spec = audit_of(match, ours)
    tested = {name for name in value if "not tested" not in name and "only when" not in name}
    more = {plain(name) for name in value if "only when" in name}
    return (tested, True), (set(spec["files_required"]),
                            more <= set(spec.get("files_required_on_mismatch", ())))


def mismatch_files(match, value, ours, facts):
    return value, ours["compliance"]["tests"]["TEST01"]["files_required_on_mismatch"]


def power_files(match, value, ours, facts):
    return value, ours["layout"]["required_files"]["power"]


def measurement_files(match, value, ours, facts):
    """The description itself is a pattern, which the other list of the facts holds."""
    have = ours["layout"]["required_files"]["measurements"]
    return value, [name for name in have if not name.endswith(".json")]


def root_files(match, value, ours, facts):
    return [], [name for name in re.findall(r"\*\.\w+", value)
                if name not in ours["layout"]["root_files_allowed"]]


def nonempty(match, value, ours, facts):
    return value, bool(ours["system"]["required_nonempty_fields"])


def nonempty_list(match, value, ours, facts):
    return bool(value), ours["measurements"]["required_nonempty"]


def deadline(match, value, ours, facts):
    """A day, or the days between which the deadline lay."""
    have = str(ours["submission_deadline"])
    return True, value == have or (value.startswith(have[:7]) and have[5:] in value)


def round_date(match, value, ours, facts):
    """A month, from v5.1 on with its day."""
    day = ours["submission_deadline"]
    return True, any(text in value for text in (f"deadline {day:%b} {day.year}",
                                                f"deadline {day.day} {day:%b} {day.year}"))


# Audits


def verdict(match, value, ours, facts):
    lines = audit_of(match, ours)["pass_lines" if match[3].startswith("pass") else "fail_lines"]
    have = lines.get(match[2].strip('"'))
    want = {"pass": [[value]], "pass_all_of": value}.get(match[3])
    return want or [value.split(",")[0]], have


def in_force(match, value, ours, facts):
    return value, match[1].strip('"') in ours["compliance"]["tests"]


def tolerance(match, value, ours, facts):
    """One of the thresholds; for a mean, both bounds of it."""
    limits = audit_of(match, ours)["thresholds"]
    means = [spec for spec in limits.values()
             if isinstance(spec, dict) and "reference_mean" in spec]
    if means:
        spec, = means
        return spec["mean_output_tokens"], [round(spec["reference_mean"] * (1 - value), 2),
                                            round(spec["reference_mean"] * (1 + value), 2)]
    return True, value in limits.values()


def required_in(match, value, ours, facts):
    return value, match[1] in ours["compliance"]["required_in"]


def audit_log_seed(match, value, ours, facts):
    have = ours["seeds"]["accuracy_log_rng_seed_audits"]
    return plain(value), have.get(match[1], have.get("*"))


FORMS = (
    (r"model_alias_rule|layout\.model_mapping\.substring_rules", substring_words,
     "model_aliases.substrings"),
    (r"aliases_not_resolving_here\.(.+)", alias_without_model),
    (r"layout\.model_mapping\.file", mapping_file, "model_aliases.mapping_file"),
    (r"layout\.templates\.(?!measurements_json)(\w+)", template, r"layout.templates.\1"),
    (r"layout\.model_mapping\.submitter_(file)",
     lambda match, value, ours, facts: ([value], ours["layout"]["templates"]["model_mapping"]),
     "layout.templates.model_mapping"),
    (r"compliance\.layout", compliance_layout),
    (r"power\.nameplate\.file", nameplate),
    (r"layout\.required_files\.compliance\.(TEST\d\d(?:-[AB])?)", audit_files),
    (r"layout\.required_files\.compliance\.TEST01_if_accuracy_check_failed", mismatch_files),
    (r"power\.required_files", power_files),
    (r"measurements\.required_files", measurement_files),
    (r"layout\.root_files_allowed", root_files),
    (r"system\.required_nonempty", nonempty),
    (r"measurements\.required_nonempty", nonempty_list, "measurements.required_nonempty"),
    (r"sources\.submission_deadline", deadline, "submission_deadline"),
    (r"sources\.round_dates", round_date, "submission_deadline"),
    (rf'{TEST}\.verdict_lines\.("[^"]+")\.(pass|pass_all_of|fail)', verdict,
     r"compliance.tests.\1.pass_lines.\2", r"compliance.tests.\1.fail_lines.\2"),
    (rf"{TEST}\.required_this_round", in_force),
    (rf"{TEST}\.result_tolerance", tolerance),
    (r"compliance\.required_in\.(\w+)", required_in, "compliance.required_in"),
    (r"seeds\.accuracy_log_rng_seed_audits(?:\.(\w+))?", audit_log_seed,
     r"seeds.accuracy_log_rng_seed_audits.\1", 'seeds.accuracy_log_rng_seed_audits.*'),
    (r"seeds\.audits\..*\.accuracy_log_rng_seed(?:\.(\w+))?", audit_log_seed),
    (r"log_fields\.(?!booleans|notes|file|\w+_note)\w+|early_stopping\.log_keys|equal_issue\.log_key",
     read_by_the_program),
)
