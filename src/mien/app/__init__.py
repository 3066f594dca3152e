"""What runs live on this machine: the view of a video or camera, and the local server with its guard."""
