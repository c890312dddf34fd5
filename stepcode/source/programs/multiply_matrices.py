def multiply_matrices(left, right):
    inner = len(right)
    if any(len(row) != inner for row in left):
        return None
    columns = list(zip(*right))
    product = [[sum(a * b for a, b in zip(row, col)) for col in columns] for row in left]
    shape = (len(product), len(columns))
    trace = sum(product[i][i] for i in range(min(shape)))
    return product, shape, trace
