"""How work is spread over processes and machines; it knows no faces."""
