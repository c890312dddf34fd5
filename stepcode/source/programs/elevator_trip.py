def elevator_trip(floor, requests):
    up = sorted(f for f in requests if f >= floor)
    down = sorted((f for f in requests if f < floor), reverse=True)
    route = up + down
    stops = [floor, *route]
    travelled = sum(abs(b - a) for a, b in zip(stops, stops[1:]))
    turned = bool(up) and bool(down)
    return route, travelled, turned
