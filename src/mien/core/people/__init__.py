"""Who is one person: keys of spellings, names that may be one, who is unknown, and words about them."""
