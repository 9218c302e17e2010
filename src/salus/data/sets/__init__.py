"""One file a public data set: how its copies become a divided `Dataset`."""
