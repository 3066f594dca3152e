"""Cohorts: how fast, in how much memory, and how well."""

"""Cohorts: time, memory, planted effects."""
