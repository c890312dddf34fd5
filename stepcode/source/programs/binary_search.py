def binary_search(items, wanted):
    low, high = 0, len(items)
    probes = []
    while low < high:
        middle = (low + high) // 2
        probes.append(items[middle])
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    found = low < len(items) and items[low] == wanted
    place = low if found else -low - 1
    return found, place, probes
