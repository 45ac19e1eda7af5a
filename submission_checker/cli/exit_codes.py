"""What the exit codes mean; the pages and the README say the same."""

MEANINGS = {
    0: "judged, nothing at or above `--fail-on` (default: error)",
    1: "findings",
    2: "wrong use: command line, configuration, exceptions file",
    3: "nothing to judge, or input unreadable in part",
    4: "a rule or the program crashed; everything else is still reported",
    130: "interrupted",
}
ORDER = (2, 4, 3, 1)
"""Which code wins where several apply."""
