"""Film, gaze and brain on one time line: figures on real recordings and on made-up ones with something planted."""
