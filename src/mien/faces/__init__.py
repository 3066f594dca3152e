"""Find, track, landmark and describe faces in pictures and video."""
