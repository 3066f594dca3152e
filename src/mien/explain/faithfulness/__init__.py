"""Whether evidence deserves its name: metrics, controls and their comparison over people."""
