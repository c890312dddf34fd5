def leap_day_count(first, last):
    """How many 29ths of February lie in the years first..last?"""

    def until(year):
        return year // 4 - year // 100 + year // 400

    count = until(last) - until(first - 1)
    years = last - first + 1
    days = years * 365 + count
    weeks, extra = divmod(days, 7)
    return {"leap_days": count, "weeks": weeks, "extra": extra}
