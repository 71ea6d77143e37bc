"""Pictures of one explanation, a file and a row of the table for each kind."""
