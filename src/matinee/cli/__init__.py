"""The command line: `matinee`."""
