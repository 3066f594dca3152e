"""Models on landmark sequences, trained and randomised."""
