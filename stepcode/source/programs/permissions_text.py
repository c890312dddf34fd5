def permissions_text(mode):
    special, rest = divmod(mode, 0o1000)
    owner, group, other = rest >> 6, rest >> 3 & 7, rest & 7

    def triplet(bits):
        return "".join(letter if bits & flag else "-" for letter, flag in zip("rwx", (4, 2, 1)))

    text = triplet(owner) + triplet(group) + triplet(other)
    if special & 4:
        text = text[:2] + "s" + text[3:]
    runnable = bool(mode & 0o111)
    return text, runnable
