"""Rules without arrays of our own: dtypes, shapes, settings, names, files, and the table of operations."""
