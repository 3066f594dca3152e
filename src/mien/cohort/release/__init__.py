"""A copy of a study to be passed on: measures and results, without faces, names, files and dates."""
