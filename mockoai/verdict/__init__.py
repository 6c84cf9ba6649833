"""The verdict: graded findings about the other side, be it a client or a proxy, drawn from exchanges and outcomes."""
