def evaluate_sum(source):
    tokens = list(source.replace(" ", ""))

    def number():
        digits = ""
        while tokens and tokens[0].isdigit():
            digits += tokens.pop(0)
        return int(digits)

    def term():
        product = number()
        while tokens and tokens[0] == "*":
            tokens.pop(0)
            product *= number()
        return product

    answer = term()
    while tokens and tokens[0] in "+-":
        sign = 1 if tokens.pop(0) == "+" else -1
        answer += sign * term()
    rest = "".join(tokens)
    complete = not rest
    return answer, complete, rest
