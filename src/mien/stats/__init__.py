"""Intervals, tests, chance levels and folds; plain NumPy and SciPy."""
