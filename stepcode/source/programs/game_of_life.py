from collections import Counter


def game_of_life(cells, generations=1):
    alive = sorted(cells)
    for _ in range(generations):
        near = Counter(
            (x + dx, y + dy)
            for x, y in alive
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            if (dx, dy) != (0, 0)
        )
        alive = [cell for cell, n in near.items() if n == 3 or (n == 2 and cell in alive)]
    final = sorted(alive)
    still = final == sorted(cells)
    return final, still
