def acronym_map(phrases):
    short = {phrase: "".join(word[0] for word in phrase.split()).upper() for phrase in phrases}
    codes = list(short.values())
    clashes = sorted({code for code in codes if codes.count(code) > 1})
    unique = {code: phrase for phrase, code in short.items() if code not in clashes}
    shortest = min(codes, key=len, default="")
    return unique, clashes, shortest
