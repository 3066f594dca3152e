"""Why this prediction."""
