"""Measuring, on the user's own review, what a model's answers are worth."""
