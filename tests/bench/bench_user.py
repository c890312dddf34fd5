"""Root against an ordinary user: CPU microseconds a program, in turn, by one and the same Python.

sudo python tests/bench/bench_user.py [ROWS]
"""

import os
import statistics
import subprocess
import sys

from tests.bench.bench_programs import measure, read_jobs, run_sandboxed
from tests.ordinary_user import OrdinaryUser, environment, ordinary_user

ROUNDS = 7


def measure_here(rows: int) -> None:
    """Print what a program takes, as whoever runs this."""
    jobs = read_jobs(rows)
    print(measure(lambda: run_sandboxed(jobs), count=len(jobs)).all)


def compare(user: OrdinaryUser, rows: int) -> None:
    """Interleave the two, so that a busy machine spoils both alike."""
    arguments = [__file__, str(rows), "--here"]
    figures: dict[str, list[float]] = {"root": [], "ordinary user": []}
    for _ in range(ROUNDS):
        command = [user.python, *arguments]
        done = subprocess.run(command, env=environment(user.home), capture_output=True, check=True)
        figures["root"].append(float(done.stdout.split()[-1]))
        figures["ordinary user"].append(float(user.run(*arguments, seconds=300).stdout.split()[-1]))
    print(f"{rows} programs, {ROUNDS} rounds, CPU microseconds per program (median)")
    for name, values in figures.items():
        print(f"{name:22} {statistics.median(values):8.0f}")
    pairs = zip(figures["ordinary user"], figures["root"], strict=True)
    print(f"user to root, paired   {statistics.median(u / r for u, r in pairs):8.2f}")


def main() -> None:
    """Compare the two, or measure one of them."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 800
    if "--here" in sys.argv:
        measure_here(rows)
        return
    if os.geteuid() != 0:
        sys.exit("only root can become another user: run this as root")
    with ordinary_user() as user:
        if user is None:
            sys.exit("no Python here that another user can run with these libraries")
        compare(user, rows)


if __name__ == "__main__":
    main()
