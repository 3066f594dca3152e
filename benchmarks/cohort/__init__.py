"""Cohorts: how fast, in how much memory, how well, and what happens where nothing is to be found."""
