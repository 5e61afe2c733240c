"""The sample review that comes with the project; every text in it was written for it."""
