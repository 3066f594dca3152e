"""Questionnaires: scoring files, scores with bands, what is wrong with the answers, reliability."""
