"""The page in a real browser. The folder is a package so that its tests can share the fake gateway."""
