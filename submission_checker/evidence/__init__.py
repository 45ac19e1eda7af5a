"""What a LoadGen log proves: its random numbers, orders, schedule, statistics and sources.

Pure functions over plain numbers; only data that ship with the package are read. Modules that need
numpy import it at their own top, so importing this package or `early_stopping` stays cheap.
"""
