"""Nurse rostering: who works which shift with which skill, on each day of some weeks (INRC-II, all weeks at once)."""
