"""The local page of a study: ``mien app``. A browser on this machine looks at folders that mien writes."""
