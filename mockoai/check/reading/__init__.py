"""Recorded bytes, read: HTTP/1.1 messages, event streams, chunks. Nothing is mended without being noted."""
