"""One reader for each format that databases and reference managers write.

A reader is ``read(text) -> Parsed``: it never raises for what a record holds, keeps every value either in the Citation
or in a Problem that holds the raw text, and knows nothing of files.
"""
