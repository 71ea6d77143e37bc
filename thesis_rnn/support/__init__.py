"""What every floor stands on: files, tables of names, checks, memory."""
