"""Healthy content from a seed: text, tool calls, schema instances, vectors, tokens and usage."""
