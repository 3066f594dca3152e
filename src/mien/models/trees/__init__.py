"""Gradient-boosted trees (LightGBM): estimators, the stored model, and its text format."""
