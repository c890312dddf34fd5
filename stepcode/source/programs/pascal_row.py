def pascal_row(n):
    row = [1]
    for k in range(n):
        row.append(row[k] * (n - k) // (k + 1))
    total = sum(row)
    middle = row[len(row) // 2]
    odd = [value for value in row if value % 2]
    return row, total == 2**n, middle, len(odd)
