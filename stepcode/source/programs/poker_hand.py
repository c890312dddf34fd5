from collections import Counter


def poker_hand(cards):
    ranks = sorted("23456789TJQKA".index(card[0]) for card in cards)
    suits = [card[1] for card in cards]
    counts = sorted(Counter(ranks).values(), reverse=True)
    flush = suits.count(suits[0]) == 5
    straight = counts[0] == 1 and ranks[-1] - ranks[0] == 4
    if straight or flush:
        return " ".join(["straight"] * straight + ["flush"] * flush)
    names = {(4, 1): "four", (3, 2): "full house", (3, 1): "three", (2, 2): "two pairs"}
    hand = names.get((counts[0], counts[1]), "pair" if counts[0] == 2 else "high card")
    return hand
