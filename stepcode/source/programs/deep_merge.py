def merge(base, extra):
    merged = dict(base)
    for key, new in extra.items():
        old = base.get(key)
        both_dicts = isinstance(old, dict) and isinstance(new, dict)
        merged[key] = merge(old, new) if both_dicts else new
    return merged


def deep_merge(base, extra):
    common = sorted(key for key in extra if key in base)
    added = sorted(key for key in extra if key not in base)
    merged = merge(base, extra)
    unchanged = merged == base
    return merged, common, added, unchanged
