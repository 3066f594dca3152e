"""The shape of a population: maps of many faces, how good they are, and whether an attribute varies along them."""
