def safe_divide(a, b):
    trail = []
    try:
        trail.append("convert")
        a, b = float(a), float(b)
        trail.append("divide")
        result = a / b
    except ZeroDivisionError:
        result = float("inf") if a > 0 else None
        result = str(result)
    except ValueError:
        result = "not a number"
    else:
        trail.append("fine")
    finally:
        trail.append("done")
    steps = len(trail)
    return result, trail, steps
