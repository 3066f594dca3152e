"""What folders and file names say about people and classes."""
