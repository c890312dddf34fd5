def bit_fields(word, mask=0x0F):
    low = word & mask
    high = word & ~mask
    lowest_set = word & -word
    is_power = word > 0 and word == lowest_set
    swapped = (word >> 4 | word << 4) & 0xFF
    parity = bin(word).count("1") % 2
    parts = {"low": low, "high": high, "lowest": lowest_set}
    return parts | {"power": is_power, "swapped": swapped, "parity": parity}
