"""What this program is made of: every package and library in it, its licence and what it is for.

Read from what is installed, not from a list that somebody keeps: ``packages`` walks the metadata of the installed
packages, ``parts.toml`` adds what metadata can't say (what each is for, what is compiled into it), ``sbom`` writes it
down for other programs. Nothing is looked up anywhere else.
"""
