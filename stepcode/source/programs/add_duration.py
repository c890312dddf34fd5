def add_duration(clock, minutes):
    time, half = clock.split()
    hour, minute = map(int, time.split(":"))
    start = hour % 12 * 60 + minute + (720 if half == "PM" else 0)
    days, now = divmod(start + minutes, 1440)
    hour24, minute = divmod(now, 60)
    half = "PM" if hour24 >= 12 else "AM"
    hour = hour24 % 12 or 12
    text = f"{hour}:{minute:02d} {half}"
    return text + (" (next day)" if days else "")
