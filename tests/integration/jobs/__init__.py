"""Jobs, from the door to the solver and back, through restarts."""
