def polynomial_text(coefficients):
    degree = len(coefficients) - 1
    terms = []
    for power, c in zip(range(degree, -1, -1), coefficients):
        if c:
            sign = "-" if c < 0 else "+"
            size = "" if abs(c) == 1 and power else str(abs(c))
            x = {0: "", 1: "x"}.get(power, f"x^{power}")
            terms.append(f"{sign} {size}{x}")
    joined = " ".join(terms) or "0"
    text = joined.removeprefix("+ ")
    at_two = sum(c * 2 ** (degree - i) for i, c in enumerate(coefficients))
    return text, at_two
