"""Every SQL statement on a review file, by noun. Values always travel as parameters; texts put into a statement are
constants of here.

Functions take a Database and give frozen records. Those that write must be called inside its ``transaction()``.
"""
