def base_convert(digits, source, target):
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    negative = digits.startswith("-")
    value = int(digits.lstrip("-"), source)
    rest, out = value, ""
    while rest:
        rest, digit = divmod(rest, target)
        out = alphabet[digit] + out
    text = out or "0"
    return ("-" if negative else "") + text, value
