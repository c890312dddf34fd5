def robot_walk(commands):
    x, y, facing = 0, 0, 0
    visited = [(0, 0)]
    for command in commands:
        if command == "F":
            dx, dy = ((0, 1), (1, 0), (0, -1), (-1, 0))[facing]
            x, y = x + dx, y + dy
            visited.append((x, y))
        else:
            facing = (facing + (1 if command == "R" else -1)) % 4
    heading = "NESW"[facing]
    distance = abs(x) + abs(y)
    back_home = distance == 0
    again = len(visited) - len(set(visited))
    return (x, y), heading, again, back_home
