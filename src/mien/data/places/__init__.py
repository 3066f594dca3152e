"""Places: folders and files on object storage or behind another file system, named by a URI such as ``s3://bucket/study``."""
