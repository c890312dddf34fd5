def magic_square(square):
    n = len(square)
    rows = [sum(row) for row in square]
    columns = [sum(column) for column in zip(*square)]
    diagonal = sum(square[i][i] for i in range(n))
    other = sum(square[i][n - 1 - i] for i in range(n))
    sums = sorted({*rows, *columns, diagonal, other})
    if len(sums) == 1:
        return "magic", sums[0]
    return "plain", sums
