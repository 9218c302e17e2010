"""Conformance suites: what a pack, predictor, explainer, backend or pool must keep, as plain functions.

Each `check_...` returns where the promise is kept and raises `failures.NotConformant`, an AssertionError that says
what was expected and found, where it is not. They need no test framework and run in any.
"""
