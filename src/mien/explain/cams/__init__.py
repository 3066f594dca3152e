"""Class activation maps: methods that look at what a layer of the network holds."""
