def flood_fill(picture, row, column, paint="#"):
    grid = [list(line) for line in picture]
    old = grid[row][column]
    pending, filled = [(row, column)], 0
    while pending:
        r, c = pending.pop()
        inside = 0 <= r < len(grid) and 0 <= c < len(grid[0])
        if inside and grid[r][c] == old:
            grid[r][c] = paint
            filled += 1
            pending += [(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]
    lines = ["".join(line) for line in grid]
    everything = filled == sum(map(len, picture))
    return lines, filled, everything
