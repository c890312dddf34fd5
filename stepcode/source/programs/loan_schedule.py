def loan_schedule(principal, percent, payment):
    first_interest = principal * percent / 100
    if payment <= first_interest:
        return "never repaid"
    balance, paid, years = float(principal), 0.0, 0
    while balance > 0:
        balance += balance * percent / 100
        part = min(payment, balance)
        balance -= part
        paid += part
        years += 1
    cost = round(paid - principal, 2)
    return years, round(paid, 2), cost
