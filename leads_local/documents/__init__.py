"""PDFs in, passages out: text in reading order with the place of every line, and what is wrong with a file that has
none.

``reader`` reads one file, ``pool`` many in worker processes with limits; ``quotes`` finds words again, ``sections``
makes the text for a prompt, ``matching`` says which citation a PDF belongs to. Nothing in here writes to disk or opens
a network connection.
"""
