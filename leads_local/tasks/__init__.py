"""The six tasks of LEADS, each from inputs to a Request and from a Reply to records; pure."""
