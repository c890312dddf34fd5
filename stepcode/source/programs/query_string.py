def query_string(url):
    address, _, fragment = url.partition("#")
    path, _, query = address.partition("?")
    parameters = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name:
            parameters.setdefault(name, []).append(value.replace("+", " "))
    repeated = [name for name, values in parameters.items() if len(values) > 1]
    last = path.rsplit("/", 1)[-1]
    return last, parameters, repeated, fragment
