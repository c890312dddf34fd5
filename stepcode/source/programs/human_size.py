def human_size(size, decimals=1):
    units = ["B", "KiB", "MiB", "GiB", "TiB"]
    power = 0
    scaled = float(size)
    while scaled >= 1024 and power < len(units) - 1:
        scaled /= 1024
        power += 1
    unit = units[power]
    shown = f"{scaled:.{decimals}f}" if power else str(size)
    text = f"{shown} {unit}"
    return text
