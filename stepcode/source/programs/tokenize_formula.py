import re

TOKEN = re.compile(r"\s*(?:(\d+)|([A-Za-z_]\w*)|([-+*/()]))")


def tokenize_formula(text):
    tokens, position = [], 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            return "unexpected", position
        number, name, symbol = match.groups()
        tokens.append(int(number) if number else name or symbol)
        position = match.end()
    names = sorted({t for t in tokens if isinstance(t, str) and t.isidentifier()})
    numbers = [t for t in tokens if isinstance(t, int)]
    return tokens, names, sum(numbers)
