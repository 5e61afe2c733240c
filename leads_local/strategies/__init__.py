"""Search strategies, as PubMed and Ovid take them, tried on records without any network."""
