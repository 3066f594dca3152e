"""What has been learnt: training, scoring, storing without pickle."""
