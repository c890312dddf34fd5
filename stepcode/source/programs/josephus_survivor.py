def josephus_survivor(people, step):
    circle = list(range(1, people + 1))
    out, index = [], 0
    while len(circle) > 1:
        index = (index + step - 1) % len(circle)
        out.append(circle.pop(index))
    survivor = circle[0]
    halfway = out[len(out) // 2] if out else None
    return survivor, halfway, out
