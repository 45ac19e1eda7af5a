"""What several tests make: a rule that crashes, an entry of an exceptions file."""

from submission_checker import check as pipeline
from submission_checker.rules.perf import log


def crash_a_rule(monkeypatch, words):
    """Let one rule about runs divide by zero."""
    def broken(run, context):
        raise ZeroDivisionError(words)
        yield

    rules = tuple(rule._replace(check=broken) if rule.id == log.performance_mode.id else rule
                  for rule in pipeline.all_rules())
    monkeypatch.setattr(pipeline, "all_rules", lambda: rules)


def exception(rule, subject, created="2026-08-01", expires="2026-09-01"):
    """Return an entry for the demo round."""
    return f"""[[exception]]
rule = "{rule}"
subject = "{subject}"
reason = "a field that the working group knows"
approved_by = "chair"
created = {created}
expires = {expires}
round = "demo"
"""
