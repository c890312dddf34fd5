def describe_shape(shape):
    match shape:
        case {"kind": "circle", "r": radius}:
            name, area = "circle", round(3.14159 * radius**2, 2)
        case {"kind": "rect", "size": [w, h]} if w == h:
            name, area = "square", w * w
        case {"kind": "rect", "size": [w, h]}:
            name, area = "rectangle", w * h
        case _:
            name, area = "unknown", None
    known = area is not None
    label = f"{name} of {area}" if known else name
    return label
