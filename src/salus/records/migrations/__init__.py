"""Steps that bring the tables of the durable memory up to date."""
