import re


def interpolate_template(template, values):
    wanted = re.findall(r"\{(\w+)\}", template)
    missing = [name for name in wanted if name not in values]
    filled = re.sub(r"\{(\w+)\}", lambda m: str(values.get(m[1], "?")), template)
    unused = sorted(set(values) - set(wanted))
    complete = not missing and not unused
    return filled, missing, complete
