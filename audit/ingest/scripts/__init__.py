"""Script templates: a parser for each format, and what the pieces it gives mean."""
