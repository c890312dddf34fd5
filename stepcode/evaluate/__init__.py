"""How good a model is at a benchmark: what it said in, verdicts and scores out."""
