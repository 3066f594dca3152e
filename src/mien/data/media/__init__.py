"""Pictures and videos: reading, upright, true colours and times."""
