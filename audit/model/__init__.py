"""Pure values of the field. They are frozen, know nothing of files or engines, and import nothing of ours."""
