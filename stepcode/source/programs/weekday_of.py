DAYS = ["Saturday", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]


def weekday_of(year, month, day):
    # Zeller's congruence: January and February belong to the year before
    if month < 3:
        month += 12
        year -= 1
    century, short = divmod(year, 100)
    shift = 13 * (month + 1) // 5
    h = (day + shift + short + short // 4 + century // 4 + 5 * century) % 7
    name = DAYS[h]
    weekend = h < 2
    return name, weekend
