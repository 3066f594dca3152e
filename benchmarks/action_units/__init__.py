"""Action units that blendshapes do not see: heads whose muscles are known, the fit, and what it reaches."""
