"""What a model may look at."""
