def extended_gcd(a, b):
    old_r, r = a, b
    old_s, s = 1, 0
    while r:
        quotient = old_r // r
        old_r, r = r, old_r - quotient * r
        old_s, s = s, old_s - quotient * s
    x = old_s
    y = (old_r - a * x) // b if b else 0
    check = a * x + b * y
    return {"gcd": old_r, "x": x, "y": y, "ok": check == old_r}
