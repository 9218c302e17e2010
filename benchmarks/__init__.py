"""Measurements that docs/performance quotes: `python -m benchmarks [variants] [results] [startup]`, or `make bench`."""
