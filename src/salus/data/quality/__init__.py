"""What is wrong with a data set before anything is learned from it: one check a file."""
