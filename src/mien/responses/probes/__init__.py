"""Linear probes of layers: can faces be told from everything else by what a layer answers."""
