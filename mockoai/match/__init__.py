"""Which rule answers a request, and why the others did not."""
