def insert(tree, value):
    if tree is None:
        return (None, value, None)
    left, root, right = tree
    if value < root:
        return (insert(left, value), root, right)
    return (left, root, insert(right, value))


def walk(tree):
    return [] if tree is None else walk(tree[0]) + [tree[1]] + walk(tree[2])


def height(tree):
    return 0 if tree is None else 1 + max(height(tree[0]), height(tree[2]))


def tree_insert_walk(values):
    tree = None
    for value in values:
        tree = insert(tree, value)
    ordered = walk(tree)
    levels = height(tree)
    lopsided = levels > len(values) // 2 + 1
    return ordered, levels, lopsided
