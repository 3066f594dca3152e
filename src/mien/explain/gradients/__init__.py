"""Methods that follow the network's gradients to its input."""
