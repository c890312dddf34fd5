def flatten_keys(tree, separator="."):
    def walk(node, prefix):
        if isinstance(node, dict):
            items = list(node.items())
        elif isinstance(node, list):
            items = list(enumerate(node))
        else:
            yield prefix, node
            return
        for key, child in items:
            yield from walk(child, f"{prefix}{separator}{key}" if prefix else str(key))

    flat = dict(walk(tree, "")) if tree else {}
    depth = max((key.count(separator) + 1 for key in flat), default=0)
    return flat, depth
