"""Training, scoring and what a study learns from: one table of samples, folds, predictions."""
