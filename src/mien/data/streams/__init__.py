"""Recordings over time as they are read: each on its own clock."""
