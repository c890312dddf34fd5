def traffic_light(state, ticks):
    order = {"red": "green", "green": "amber", "amber": "red"}
    if state not in order:
        state = "red"
    visited = [state]
    for _ in range(ticks):
        state = order[state]
        visited.append(state)
    stops = visited.count("red")
    finished_on = visited[-1]
    may_go = finished_on == "green"
    return finished_on, stops, may_go
