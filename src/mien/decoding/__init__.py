"""Decoders of streams: what is decodable from a brain, from frames, from faces."""
