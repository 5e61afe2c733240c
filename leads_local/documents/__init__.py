"""Full-text PDFs: pages and passages with their places, and quotes found again in them."""
