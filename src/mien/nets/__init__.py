"""Networks as such, without training."""
