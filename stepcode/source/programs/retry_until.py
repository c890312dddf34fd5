class Unavailable(Exception):
    pass


def retry_until(answers, attempts=3):
    waits = []

    def ask(i):
        if answers[i] == 0:
            raise Unavailable(i)
        return answers[i]

    answer = None
    for attempt in range(attempts):
        try:
            answer = ask(attempt)
            break
        except Unavailable:
            waits.append(2**attempt)
    waited = sum(waits)
    status = "failed" if answer is None else "ok"
    return status, answer, waited
