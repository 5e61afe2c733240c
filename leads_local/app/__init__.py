"""What a person does with a review, each thing once: the command line and the screen both call it, and say what came of
it in the same sentences.

Nothing here prints, asks or knows a widget.
"""
