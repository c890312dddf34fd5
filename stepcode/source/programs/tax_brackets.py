BRACKETS = [(10_000, 0.0), (40_000, 0.2), (100_000, 0.4)]


def tax_brackets(income, top_rate=0.5):
    tax, floor = 0.0, 0
    for ceiling, rate in BRACKETS:
        taxed = max(0, min(income, ceiling) - floor)
        tax += taxed * rate
        floor = ceiling
    above = max(0, income - floor)
    tax += above * top_rate
    net = income - tax
    share = tax / income
    return {"tax": tax, "net": net, "rate": f"{share:.1%}"}
