"""What people send in: rows added to the input tables, with author and reason."""
