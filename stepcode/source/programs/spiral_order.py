def spiral_order(grid):
    remaining = [list(row) for row in grid]
    path = []
    while remaining:
        path += remaining.pop(0)
        # turn what is left a quarter to the left
        remaining = [list(row) for row in zip(*remaining)][::-1]
    total = sum(path)
    centre = path[-1] if path else None
    return path, total, centre
