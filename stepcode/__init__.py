"""Verified execution traces for code models.

Put print anchors into a program, run it, and the printed lines are the ground truth for every step
a model claims. Data flows one way:

    Program -> AnchoredProgram -> Execution -> Example -> Parquet -> SFT -> Bi-Level GRPO -> Report
"""

__version__ = "0.1.0"
