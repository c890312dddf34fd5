import operator

OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def evaluate_rpn(expression):
    tokens = expression.split()
    stack = []
    try:
        for token in tokens:
            if token in OPERATORS:
                right, left = stack.pop(), stack.pop()
                stack.append(OPERATORS[token](left, right))
            else:
                stack.append(float(token))
    except (IndexError, ZeroDivisionError) as error:
        reason = type(error).__name__
        return "failed", reason
    result = stack[-1]
    leftover = len(stack) - 1
    return result, leftover
