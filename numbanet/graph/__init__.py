"""What a step does, as data: traced, compared, put through passes, lowered to launches, and replayed."""
