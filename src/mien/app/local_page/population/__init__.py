"""Maps of a population in the page: drawn as a page of their own, with what a selection in it has in common."""
