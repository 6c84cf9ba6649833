"""What is shown of exchanges: one renderer per format, and no secrets in any of them."""
