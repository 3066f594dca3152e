"""Networks that learnt objects, asked about faces: figures of the study of frozen networks."""
