"""Methods that cover parts of the input and watch the output; they need nothing but the model's answers."""
