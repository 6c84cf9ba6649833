"""The faults: one module per family, a registry, and ``noop`` to copy."""
