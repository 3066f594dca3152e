"""Output of other tools as ``Faces``; ``readers.py`` lists the tools."""
