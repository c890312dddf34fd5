def luhn_check(number: str) -> str:
    digits = number.replace(" ", "")
    if not digits.isdigit():
        return "malformed"
    values = [int(d) for d in reversed(digits)]
    plain = sum(values[::2])
    doubled = sum(d * 2 - 9 * (d > 4) for d in values[1::2])
    checksum = (plain + doubled) % 10
    missing = (10 - checksum) % 10
    return "valid" if checksum == 0 else f"off by {missing}"
