import functools


def log_calls(a, b):
    lines = []

    def logged(function):
        @functools.wraps(function)
        def wrapper(*arguments):
            result = function(*arguments)
            lines.append(f"{function.__name__}{arguments} = {result}")
            return result

        return wrapper

    @logged
    def power(base, exponent):
        return base**exponent

    @logged
    def clamp(value):
        return max(0, min(10, value))

    raised = power(a, b)
    limited = clamp(raised)
    return limited, lines
