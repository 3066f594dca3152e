"""Evidence carried through the landmarker to the pixels of the photo."""
