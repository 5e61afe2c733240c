"""One module for each subcommand: ``configure`` its arguments, ``run`` it. Each loads what it needs only when it
runs."""
