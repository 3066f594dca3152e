"""Where viewers look on pictures, beside maps of the same pictures: metrics, baselines, ceiling, dwell times."""
