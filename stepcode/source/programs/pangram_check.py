import string


def pangram_check(sentence):
    letters = [c for c in sentence.lower() if c in string.ascii_lowercase]
    distinct = sorted(set(letters))
    missing = "".join(c for c in string.ascii_lowercase if c not in distinct)
    spare = len(letters) - len(distinct)
    if not missing:
        return "pangram", spare
    return missing, spare
