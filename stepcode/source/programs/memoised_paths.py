def memoised_paths(rows, columns, blocked=()):
    memo = {}

    def paths(r, c):
        if r == rows or c == columns or (r, c) in blocked:
            return 0
        if (r, c) == (rows - 1, columns - 1):
            return 1
        if (r, c) not in memo:
            memo[r, c] = paths(r + 1, c) + paths(r, c + 1)
        return memo[r, c]

    total = paths(0, 0)
    remembered = len(memo)
    return total, remembered
