"""The terminal: thin. Each command reads its arguments, calls one walk, and shows what came of it."""
