def island_count(rows):
    land = [(r, c) for r, row in enumerate(rows) for c, cell in enumerate(row) if cell == "1"]
    area = len(land)
    sizes = []
    while land:
        stack, size = [land.pop()], 0
        while stack:
            r, c = stack.pop()
            size += 1
            for near in [(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]:
                if near in land:
                    land.remove(near)
                    stack.append(near)
        sizes.append(size)
    largest = max(sizes, default=0)
    return len(sizes), area, largest
