def int_to_roman(number):
    if not 0 < number < 4000:
        return None
    symbols = [
        ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"),
        ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"),
        ("", "C", "CC", "CCC", "CD", "D", "DC", "DCC", "DCCC", "CM"),
    ]
    thousands, rest = divmod(number, 1000)
    hundreds, rest = divmod(rest, 100)
    tens, ones = divmod(rest, 10)
    low = symbols[1][tens] + symbols[0][ones]
    return "M" * thousands + symbols[2][hundreds] + low
