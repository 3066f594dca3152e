"""What a probe's answer rests on: evidence on parts of faces and of made-up pareidolia."""
