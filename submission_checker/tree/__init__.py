"""Which path plays which part: templates of the round -> submitters, systems, results, runs."""
