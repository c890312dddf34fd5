def moves(disks, source, target, spare):
    if disks:
        yield from moves(disks - 1, source, spare, target)
        yield source + target
        yield from moves(disks - 1, spare, target, source)


def tower_of_hanoi(disks):
    plan = list(moves(disks, "A", "C", "B"))
    count = len(plan)
    optimal = count == 2**disks - 1
    if not plan:
        return "nothing to do"
    largest = plan[count // 2]
    text = " ".join(plan)
    return text, largest, optimal
