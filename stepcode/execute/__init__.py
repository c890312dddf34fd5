"""Run programs in a sandbox: `Program` or `AnchoredProgram` and a call in, `Execution` out."""

from stepcode.execute.pool import run, run_all
from stepcode.execute.sandbox import Sandbox

__all__ = ["Sandbox", "run", "run_all"]
