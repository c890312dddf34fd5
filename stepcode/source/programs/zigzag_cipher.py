def zigzag_cipher(message, rails):
    if rails < 2:
        return message, [message]
    cycle = 2 * (rails - 1)
    rows = [""] * rails
    for i, letter in enumerate(message):
        place = i % cycle
        rows[min(place, cycle - place)] += letter
    used = [row for row in rows if row]
    cipher = "".join(used)
    return cipher, used
