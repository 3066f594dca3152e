"""Ready recipes over one pipeline."""
