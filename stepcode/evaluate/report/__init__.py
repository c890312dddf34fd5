"""Evaluations for people: one self-contained page, Markdown, and two of them side by side."""
