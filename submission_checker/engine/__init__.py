"""Runs rules over subjects; knows no rule by name."""
