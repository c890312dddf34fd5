import re


def parse_version(text):
    match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:-(\w+(?:\.\d+)?))?", text)
    if not match:
        return {"error": text}
    major, minor = int(match[1]), int(match[2])
    patch = int(match[3] or 0)
    label = match[4]
    stable = label is None and major > 0
    following = (major, minor, patch + 1) if stable else (major, minor, patch)
    return {"version": (major, minor, patch), "label": label, "stable": stable, "next": following}
