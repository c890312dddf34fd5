def newton_sqrt(value, tolerance=1e-9):
    if value < 0:
        return "imaginary"
    guess = value / 2 or 0.0
    rounds = 0
    while abs(guess * guess - value) > tolerance:
        guess = (guess + value / guess) / 2
        rounds += 1
    root = round(guess, 6)
    error = abs(root * root - value)
    exact = error == 0
    return root, rounds, exact
