"""Bytes to records, one file per format. Nothing here judges."""
