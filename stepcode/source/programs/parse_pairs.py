def parse_pairs(text: str, separator: str = ";") -> dict:
    chunks = [chunk.strip() for chunk in text.split(separator)]
    filled = [chunk for chunk in chunks if chunk]
    result = {}
    for chunk in filled:
        key, equals, value = chunk.partition("=")
        value = value.strip()
        if not equals:
            result[key] = True
        else:
            result[key.strip()] = int(value) if value.isdigit() else value
    return result
