"""Parts that estimators are fitted with: ridge, losses, alterations, the training loop."""
