"""From executions to rows, from rows to a dataset on disk, and back."""
