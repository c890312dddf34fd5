def perfect_number_kind(n):
    proper = [d for d in range(1, n // 2 + 1) if n % d == 0]
    aliquot = sum(proper)
    difference = aliquot - n
    if difference == 0:
        kind = "perfect"
    elif difference > 0:
        kind = "abundant"
    else:
        kind = "deficient"
    return kind, difference, proper
