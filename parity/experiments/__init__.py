"""The sources' experiments made again, refnet and a backend side by side, as pages and pictures."""
