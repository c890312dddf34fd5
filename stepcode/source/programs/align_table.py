def align_table(rows, gap=2):
    if not rows:
        return "(empty)"
    names = [name for name, _ in rows]
    amounts = [f"{amount:.2f}" for _, amount in rows]
    left = max(5, *map(len, names)) + gap
    right = max(map(len, amounts))
    lines = [name.ljust(left, ".") + amount.rjust(right) for name, amount in zip(names, amounts)]
    total = sum(amount for _, amount in rows)
    lines.append("total".ljust(left) + f"{total:.2f}".rjust(right))
    return "\n".join(lines)
