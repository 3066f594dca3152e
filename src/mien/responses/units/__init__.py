"""Units that respond more to faces, and what is lost without them."""
