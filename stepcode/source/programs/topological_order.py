def topological_order(before):
    waiting = {node: 0 for node in before}
    for targets in before.values():
        for target in targets:
            waiting[target] += 1
    ready = sorted(node for node, count in waiting.items() if count == 0)
    first = ready[0] if ready else None
    order = []
    while ready:
        node = ready.pop(0)
        order.append(node)
        for target in before[node]:
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    cyclic = len(order) < len(before)
    return (order, first) if not cyclic else ("cycle", len(before) - len(order))
