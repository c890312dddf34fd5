LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_of_year(date: str) -> dict:
    year, month, day = (int(part) for part in date.split("-"))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = [LENGTHS[i] + (leap and i == 1) for i in range(12)]
    if not 1 <= day <= lengths[month - 1]:
        return {"invalid": date, "longest": lengths[month - 1]}
    ordinal = sum(lengths[: month - 1]) + day
    remaining = sum(lengths) - ordinal
    quarter = (month + 2) // 3
    return {"day": ordinal, "left": remaining, "quarter": quarter}
