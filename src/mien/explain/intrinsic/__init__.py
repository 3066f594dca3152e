"""Methods that read the model itself: attention, trees, rules."""
