"""A made-up film: scenes, shots and faces, where viewers looked, and what parcels of their brains did."""
