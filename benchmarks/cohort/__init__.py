"""Cohorts: how fast, in how much memory, and how well."""
