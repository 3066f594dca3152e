"""Every table of a study for other programs: CSV files with a codebook."""
