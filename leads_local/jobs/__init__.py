"""The model's work on a review: what to ask, how much of a paper fits, running, taking answers in."""
