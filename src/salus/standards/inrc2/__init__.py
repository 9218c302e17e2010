"""Nurse rosters of the Second International Nurse Rostering Competition (INRC-II), in their official text format."""
