"""Benchmarks: what this machine makes of a model, beside what others make of the same work in the same run. They assert
nothing.

Ours go through the engine as everybody uses it, child process and pipes included. Lengths of answers are fixed by the
schema, so that a model whose words are noise costs what a real one does.
"""
