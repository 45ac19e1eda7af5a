"""Which rules and results the user asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from submission_checker.engine.rule import Rule
from submission_checker.model.errors import WrongUse

LEAST_PART, MOST_PROPOSED, MOST_KNOWN = 3, 3, 20
LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
FILTERS = ("division", "submitter", "system", "benchmark", "scenario")


class Selection(NamedTuple):
    """Names to keep; empty tuples keep everything."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    division: tuple[str, ...] = ()
    submitter: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    benchmark: tuple[str, ...] = ()
    scenario: tuple[str, ...] = ()

    @property
    def limits_rules(self) -> bool:
        """Whether some rules are left out."""
        return bool(self.select or self.ignore)

    @property
    def limits_results(self) -> bool:
        """Whether some results are left out."""
        return any(getattr(self, name) for name in FILTERS)

    def described(self) -> tuple[tuple[str, str], ...]:
        """Return what is limited, for the report."""
        return tuple(
            (name, ", ".join(getattr(self, name)))
            for name in ("select", "ignore", *FILTERS) if getattr(self, name)
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` or the start of the list of known names.

    A name that holds what was typed goes before one that only looks like it.
    """
    names = sorted(set(known))
    folded = {item.casefold(): item for item in names}
    typed = name.casefold()
    plain = _squeezed(typed)
    close = [item for item in folded if _squeezed(item) == plain][:1] or [
        item for item in folded if len(plain) >= LEAST_PART and (
            typed in item or plain in _squeezed(item))][:MOST_PROPOSED]
    if not close:
        import difflib  # only here: most names are right

        close = difflib.get_close_matches(typed, list(folded), n=1, cutoff=0.6)
    if close:
        return proposal([folded[item] for item in close])
    shown = ", ".join(names[:MOST_KNOWN])
    return f"; known: {shown}{' ...' if len(names) > MOST_KNOWN else ''}"


def proposal(names: Sequence[str]) -> str:
    """Return ``; did you mean X, Y or Z?``."""
    *first, last = map(repr, names)
    return f"; did you mean {' or '.join(filter(None, (', '.join(first), last)))}?"


def _squeezed(name: str) -> str:
    """Return letters and digits without leading zeros: ACCU3, accu-03 and ACCU003 are one."""
    return LEADING_ZEROS.sub("", "".join(filter(str.isalnum, name)))


def chosen_rules(rules: Sequence[Rule], selection: Selection) -> list[Rule]:
    """Return the selected rules and the rules they require; raises ``WrongUse``."""
    chosen = list(rules)
    if selection.select:
        chosen = [rule for rule in rules if _fits(rule, selection.select)]
    for word in (*selection.select, *selection.ignore):
        if not any(_fits(rule, (word,)) for rule in rules):
            raise WrongUse(f"no rule {word!r}{_near_rules(word, rules)}")
    chosen = [rule for rule in chosen if not _fits(rule, selection.ignore)]
    by_id = {rule.id: rule for rule in rules}
    for rule in chosen:
        chosen += [
            by_id[name] for name in rule.requires
            if name in by_id and by_id[name] not in chosen
        ]
    return sorted(chosen, key=lambda rule: rule.id)


def _near_rules(word: str, rules: Sequence[Rule]) -> str:
    """Return the rules that were meant, else the families."""
    if "," in word:
        return "; name each rule with an option of its own"
    near = did_you_mean(word, [name for rule in rules for name in (rule.id, rule.name)])
    if not near.startswith("; known"):
        return near
    families = dict.fromkeys(_family(rule) for rule in rules)
    return f"; families: {', '.join(families)}; `submission-checker rules` lists every rule"


def _family(rule: Rule) -> str:
    return rule.id.rstrip("0123456789")


def _fits(rule: Rule, words: Iterable[str]) -> bool:
    """Return whether a rule has one of the names: id, short name, or family (``PERF``)."""
    family = _family(rule)
    return any(word.upper() in (rule.id, family) or word == rule.name for word in words)
