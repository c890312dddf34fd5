"""The flows: which steps run in which order, with the numbers that a recipe gives."""
