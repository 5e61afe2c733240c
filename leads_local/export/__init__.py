"""What leaves a review: tables, citations, reports."""
