from math import gcd


def modular_inverse(value, modulus):
    common = gcd(value, modulus)
    if common != 1:
        return f"no inverse: both divide by {common}"
    inverse = pow(value, -1, modulus)
    product = value * inverse
    remainder = product % modulus
    return inverse, product, remainder
