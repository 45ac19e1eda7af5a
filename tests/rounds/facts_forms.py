"""Facts that a round holds in another form: how to get both into one.

Each form is the path of a fact, as a regular expression, the function that returns the fact and the
round's value in one form, and the paths of the round that it thereby covers (``\\1`` for groups);
a function may name more of them as a third value. It takes the match, the fact, the resolved
round and all facts of the round.
"""

import re

from tests.rounds import facts_forms_files, facts_forms_models, facts_forms_power
from tests.rounds.facts_shared import TEST

FORMS = [(re.compile(path), function, covers) for module in (
    facts_forms_models, facts_forms_files, facts_forms_power,
) for path, function, *covers in module.FORMS]
RENAMED = [
    (r"^layout\.model_mapping\.fixed", "layout.model_mapping"),
    (rf"^{TEST}\.audit_config", r"compliance.tests.\1.settings"),
    (r"^measurements\.weight_data_types\.values", "measurements.weight_data_types"),
]
