def group_anagrams(words: list[str]) -> tuple[list[list[str]], int]:
    groups: dict[str, list[str]] = {}
    for word in words:
        groups.setdefault("".join(sorted(word)), []).append(word)
    families = [sorted(group) for group in groups.values() if len(group) > 1]
    families.sort(key=lambda family: (-len(family), family[0]))
    lonely = len(groups) - len(families)
    return families, lonely
