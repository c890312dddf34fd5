def digital_root(number):
    sign = -1 if number < 0 else 1
    value = abs(number)
    history = [value]
    while value >= 10:
        value = sum(int(d) for d in str(value))
        history.append(value)
    persistence = len(history) - 1
    root = sign * value
    return root, persistence, history
