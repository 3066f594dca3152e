"""What decoders of a brain rest on: parcels and voxels, over held-out rows."""
