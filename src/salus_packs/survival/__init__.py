"""How long until an event: survival curves from measurements at one time, or from visits so far."""
