def isbn_digit(prefix):
    digits = [int(char) for char in prefix]
    size = len(digits)
    if size == 9:
        weighted = sum(weight * d for weight, d in zip(range(10, 1, -1), digits))
        check = -weighted % 11
        symbol = "X" if check == 10 else str(check)
    elif size == 12:
        weighted = sum(digits[::2]) + 3 * sum(digits[1::2])
        symbol = str(-weighted % 10)
    else:
        return None
    complete = prefix + symbol
    return complete
