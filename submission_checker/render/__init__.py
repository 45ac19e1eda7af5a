"""One file per output format; each is a view of the one report."""
