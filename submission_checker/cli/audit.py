"""``submission-checker audit``: which audits are due, running them, re-judging their logs."""

from __future__ import annotations

from submission_checker.cli.lazy import LazyGroup

COMMANDS = {
    "plan": ("submission_checker.cli.audit_plan",
             "List the audits of a submission: required, present, missing, hours."),
    "run": ("submission_checker.cli.audit_run", "Run audits against a live system."),
    "verify": ("submission_checker.cli.audit_verify", "Judge the logs of audits again."),
}
command = LazyGroup(
    "audit", COMMANDS, above="audit_",
    help="Audits: plan them, run them against a live system, judge their logs again.")
