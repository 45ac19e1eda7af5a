"""Tables about a report in each format."""
