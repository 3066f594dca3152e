"""The nouns of mien: validated frozen dataclasses, errors, provenance."""
