"""The server: choosing the scenario, answering, the control API, security and lifecycle."""
