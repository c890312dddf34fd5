def balanced_brackets(text):
    pairs = {")": "(", "]": "[", "}": "{"}
    stack = []
    position = -1
    for position, char in enumerate(text):
        if char in pairs.values():
            stack.append(char)
        elif char in pairs:
            if not stack or stack.pop() != pairs[char]:
                return False, position
    unclosed = len(stack)
    ok = unclosed == 0
    return ok, position if ok else unclosed
