"""An OpenAI-compatible server that misbehaves exactly as told."""

__version__ = "0.1.0"

__all__ = ["__version__"]
