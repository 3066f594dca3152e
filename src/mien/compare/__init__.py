"""Comparison of models and of structures."""
