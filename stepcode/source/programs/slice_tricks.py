def slice_tricks(sequence, at=2):
    head, tail = sequence[:at], sequence[at:]
    swapped = tail + head
    backwards = sequence[::-1]
    every_other = sequence[::2]
    last = sequence[-1:]
    same = swapped == sequence
    return swapped, backwards, every_other, last, same
