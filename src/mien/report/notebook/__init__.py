"""Nouns and results in notebooks: as a table, as a data frame, as a matplotlib figure."""
