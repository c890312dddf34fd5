"""REval."""
