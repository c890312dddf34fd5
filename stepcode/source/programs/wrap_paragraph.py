def wrap_paragraph(text, width):
    words = text.split()
    lines, current = [], ""
    for word in words:
        candidate = f"{current} {word}".strip()
        if len(candidate) <= width or not current:
            current = candidate
        else:
            lines.append(current)
            current = word
    if current:
        lines.append(current)
    widest = max(map(len, lines), default=0)
    overflow = widest > width
    return lines, widest, overflow
