def depth_of(value):
    if not isinstance(value, list):
        return 0
    return 1 + max((depth_of(item) for item in value), default=0)


def nested_depth(value):
    depth = depth_of(value)
    brackets = str(value).count("[")
    if depth == 0:
        return "flat", brackets
    chain = brackets == depth
    return depth, chain
