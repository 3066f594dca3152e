"""Made-up pareidolia: parts of things on pictures of objects, arranged as a face or not."""
