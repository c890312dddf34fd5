from fractions import Fraction


def fraction_sum(*texts):
    parts = [Fraction(text) for text in texts]
    total = sum(parts, Fraction(0))
    top, bottom = total.numerator, total.denominator
    whole, rest = divmod(top, bottom)
    if rest == 0:
        return str(whole)
    mixed = f"{whole} {rest}/{bottom}" if whole else f"{rest}/{bottom}"
    return mixed
