"""Text for a paper: methods and results of a study in paragraphs, with what has to be cited."""
