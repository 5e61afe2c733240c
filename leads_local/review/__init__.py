"""The review file and the core that both front ends call."""
