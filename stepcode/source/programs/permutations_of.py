def arrange(letters):
    if not letters:
        return [""]
    found = []
    for i, letter in enumerate(letters):
        if letter not in letters[:i]:
            found += [letter + tail for tail in arrange(letters[:i] + letters[i + 1 :])]
    return found


def permutations_of(letters):
    found = arrange(letters)
    count = len(found)
    mirrored = [word for word in found if word == word[::-1]]
    last = max(found)
    return found, count, mirrored, last
