"""File formats into arrays and columns; they know no particular data set."""
