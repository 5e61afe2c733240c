"""One module for each format that other programs read: writes citations such that our reader gives them back."""
