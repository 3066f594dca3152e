"""What a model's answer about one face rests on, looked at and asked by hand: cover, move, regions, maps."""
