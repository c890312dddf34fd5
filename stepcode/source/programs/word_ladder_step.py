def word_ladder_step(word, dictionary):
    same_size = [w for w in dictionary if len(w) == len(word)]
    distance = {w: sum(a != b for a, b in zip(w, word)) for w in same_size}
    near = sorted(w for w, d in distance.items() if d == 1)
    skipped = len(dictionary) - len(same_size)
    if not near:
        return None, skipped
    choice = near[0]
    return choice, near, skipped
