"""Published data sets that mien reads by name."""
