import heapq


def shortest_path(graph, start, goal):
    queue, settled = [(0, start, (start,))], {}
    while queue:
        cost, node, path = heapq.heappop(queue)
        if node in settled:
            continue
        settled[node] = (cost, path)
        for near, weight in graph[node].items():
            heapq.heappush(queue, (cost + weight, near, (*path, near)))
    if goal not in settled:
        return None
    cost, path = settled[goal]
    hops = len(path) - 1
    direct = graph[start].get(goal)
    return cost, path, hops, direct
