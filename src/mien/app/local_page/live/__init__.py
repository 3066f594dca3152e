"""The browser's camera: frames that it sends to this machine, answered and forgotten."""
