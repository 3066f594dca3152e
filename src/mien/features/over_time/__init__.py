"""What faces do over time in numbers: channels of every frame, frames and recordings that count, statistics."""
