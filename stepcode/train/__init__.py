"""From examples to a checkpoint: SFT warm-up, then Bi-Level GRPO; needs the extra `train`."""
