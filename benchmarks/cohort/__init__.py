"""Cohorts: time, memory, planted effects."""
