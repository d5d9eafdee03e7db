"""Speed of refnet beside PyTorch, measured side by side; never a test."""
