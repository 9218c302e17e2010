"""Who may do what, and whose word counts: signatures, trust, development keys, pure decisions."""
