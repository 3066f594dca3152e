"""The attention networks: one map per class."""
