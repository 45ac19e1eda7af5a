"""The registry finds each rule by its id without loading the other families."""

from submission_checker.rules.registry import FAMILIES, MODULES, all_rules, find_rule


def test_every_rule_is_found_by_id_and_name():
    for rule in all_rules():
        assert find_rule(rule.id) is rule
        assert find_rule(rule.name) is rule


def test_every_module_has_its_family():
    assert {module.partition(".")[0].partition("_")[0] for module in MODULES} == set(FAMILIES)


def test_short_names_are_unique_and_titles_are_sentences():
    names = [rule.name for rule in all_rules()]
    assert len(names) == len(set(names))
    for rule in all_rules():
        assert len(rule.title.split()) > 1 and rule.title == rule.title.strip(" ."), rule.id
        assert rule.why and rule.fix and rule.source and rule.doc
