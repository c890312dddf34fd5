def gray_code(number):
    code = number ^ (number >> 1)
    width = max(number.bit_length(), 1)
    bits = format(code, f"0{width}b")
    decoded, shift = code, code >> 1
    while shift:
        decoded ^= shift
        shift >>= 1
    ones = bits.count("1")
    return bits, ones, decoded == number
