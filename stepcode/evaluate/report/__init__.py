"""What people read of an evaluation: a page, Markdown or JSON, of one or of two side by side."""
