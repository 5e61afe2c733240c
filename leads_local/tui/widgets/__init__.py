"""The parts that screens are made of. A widget draws records and sends messages; it never reads or writes a review."""
