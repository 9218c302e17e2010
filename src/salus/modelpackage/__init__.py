"""The portable folder: write, sign, verify, open, carry, self-test. Specified in `docs/reference/model-package.md`."""
