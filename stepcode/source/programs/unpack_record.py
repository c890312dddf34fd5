def unpack_record(record):
    try:
        first, last, born, *interests = record
    except ValueError:
        size = len(record)
        return f"only {size} of 3 fields"
    name = f"{first} {last}".strip()
    era = "BC" if born < 0 else "AD"
    (lead, *others) = interests or ["nothing"]
    return {"name": name, "born": f"{abs(born)} {era}", "lead": lead, "others": len(others)}
