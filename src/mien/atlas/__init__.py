"""Places on the face: names, regions and summaries of evidence over them."""
