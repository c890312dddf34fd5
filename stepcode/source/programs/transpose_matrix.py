def transpose_matrix(matrix):
    widths = sorted({len(row) for row in matrix})
    if len(widths) != 1:
        return f"ragged: {widths}"
    rows, columns = len(matrix), widths[0]
    flipped = [[matrix[i][j] for i in range(rows)] for j in range(columns)]
    corner = flipped[-1][-1]
    symmetric = flipped == matrix
    return flipped, corner, symmetric
