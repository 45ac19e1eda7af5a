"""Audits against a live system: placing settings, running, proving that they were in force.

A run is one process. Either the user's own command runs in a working directory with audit.config in
place, or ``child`` drives a Python system under test through the small protocol of ``protocol``.
"""
