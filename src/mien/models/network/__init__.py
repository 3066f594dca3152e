"""Image networks that are fine-tuned end to end: estimators and the stored model."""
