VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman_to_int(numeral):
    numeral = numeral.upper()
    unknown = sorted(c for c in numeral if c not in VALUES)
    if unknown:
        return f"unknown: {''.join(unknown)}"
    digits = [VALUES[c] for c in numeral]
    total = sum(digits)
    # a smaller digit before a larger one counts against it, so take it away twice
    negative = sum(a for a, b in zip(digits, digits[1:]) if a < b)
    value = total - 2 * negative
    return value
