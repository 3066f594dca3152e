"""What the layers of a network answer to pictures: activations on disk, and what is measured in them."""
