from math import isqrt


def quadratic_roots(a, b, c):
    """Integer coefficients; exact where the discriminant is a square."""
    if a == 0:
        root = -c / b
        return "linear", root
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return "none", discriminant
    root = isqrt(discriminant)
    exact = root * root == discriminant
    low = (-b - discriminant**0.5) / (2 * a)
    high = (-b + discriminant**0.5) / (2 * a)
    kind = "double" if low == high else "two"
    return kind, low, high, exact
