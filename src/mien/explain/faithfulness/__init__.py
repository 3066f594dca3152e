"""Whether evidence deserves its name: measures that need no truth, and those that know it."""
