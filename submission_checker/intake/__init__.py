"""From paths to subjects: reads what the tree found, through the source, with the log readers."""
