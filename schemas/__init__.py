"""JSON Schemas of the program's data."""
