"""Audits of MLPerf Inference: one module per test, pure functions that re-judge submitted logs.

Nothing here knows the rules engine: a module says what its test is for, which settings it needs
(from the round data) and gives ``verify``, which returns frozen records with both values, the
tolerance and the places. The rules about audits and the live runner use the same functions.
"""
