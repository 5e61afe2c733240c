"""From what a model says of records to an order in which to read them."""
