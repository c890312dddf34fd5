def inventory_update(stock, deliveries):
    updated = stock.copy()
    updated |= {item: updated.get(item, 0) + n for item, n in deliveries.items()}
    short = {item: -n for item, n in updated.items() if n < 0}
    if short:
        worst = max(short, key=short.get)
        return "rejected", worst, short[worst]
    total = sum(updated.values())
    new = sorted(updated.keys() - stock.keys())
    return updated, total, new
