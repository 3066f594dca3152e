"""Faces of a study in the page: a gallery of thousands, one of them closely, videos frame by frame, their review."""
