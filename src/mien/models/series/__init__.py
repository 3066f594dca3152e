"""Networks on long series of channels: classes and ratings."""
