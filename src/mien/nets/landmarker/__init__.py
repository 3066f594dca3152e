"""The landmarker's networks in torch: differentiable, so that evidence reaches the pixels of a photo."""
