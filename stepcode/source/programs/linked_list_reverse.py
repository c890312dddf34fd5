class Node:
    def __init__(self, value, after=None):
        self.value = value
        self.after = after

    def __repr__(self):
        return f"{self.value}->{self.after or 'end'}"


def linked_list_reverse(values):
    head = None
    for value in reversed(values):
        head = Node(value, head)
    turned = None
    while head:
        head.after, turned, head = turned, head, head.after
    back = []
    while turned:
        back.append(turned.value)
        turned = turned.after
    mirrored = back == values[::-1]
    return back, mirrored
