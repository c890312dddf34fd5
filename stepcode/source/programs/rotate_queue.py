from collections import deque


def rotate_queue(people, turns):
    queue = deque(people)
    queue.rotate(-turns)
    order = list(queue)
    first = queue.popleft() if queue else None
    waiting = len(queue)
    print(f"serving {first}, {waiting} waiting")
    return order, first, waiting
