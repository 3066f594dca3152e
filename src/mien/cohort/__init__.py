"""Many people: who took part, what their faces did over time, and how that goes with questionnaires."""
