"""Benchmarks: ratios to reading the same bytes, never asserted in tests."""
