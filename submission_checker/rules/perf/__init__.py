"""PERF: the performance run. Both what was configured and what happened are judged."""
