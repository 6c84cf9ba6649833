"""Bytes: ``sse`` and ``http1`` are pure; ``protocol`` and ``writer`` alone touch a socket or a clock."""
