class Transaction:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        self.log.append("begin")
        return self

    def __exit__(self, kind, error, traceback):
        self.log.append("rollback" if kind else "commit")
        return kind is ZeroDivisionError


def context_steps(divisors):
    log, total = [], 0
    with Transaction(log):
        for divisor in divisors:
            total += 12 // divisor
    outcome = log[-1]
    kept = total if outcome == "commit" else 0
    return outcome, total, kept
