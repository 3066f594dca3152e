"""Sample tables, readers of data sets and of other tools, weights, media files, synthetic faces."""
