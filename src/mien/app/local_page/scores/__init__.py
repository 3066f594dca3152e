"""Training and scores as the page shows them: what can be learnt, how it is scored, the faces behind a number."""
