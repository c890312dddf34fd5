SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def number_to_words(n):
    if n >= 1000:
        return "too many"
    hundreds, rest = divmod(n, 100)
    head = f"{SMALL[hundreds]} hundred" if hundreds else ""
    if rest < 20:
        tail = SMALL[rest] if rest or not hundreds else ""
    else:
        ten, one = divmod(rest, 10)
        tail = TENS[ten - 2] + (f"-{SMALL[one]}" if one else "")
    glue = " and " if head and tail else ""
    return head + glue + tail
