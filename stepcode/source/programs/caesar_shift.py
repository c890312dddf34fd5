def caesar_shift(text, key):
    key %= 26
    out = []
    for ch in text:
        if ch.isalpha():
            base = ord("A") if ch.isupper() else ord("a")
            out.append(chr((ord(ch) - base + key) % 26 + base))
        else:
            out.append(ch)
    shifted = "".join(out)
    changed = sum(a != b for a, b in zip(text, shifted))
    return shifted, changed
