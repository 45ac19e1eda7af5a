"""AUDT: submitted audits, re-judged from their logs. Texts that say PASS are never enough."""
