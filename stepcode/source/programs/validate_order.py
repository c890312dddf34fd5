class Invalid(ValueError):
    def __init__(self, field):
        super().__init__(f"bad {field}")
        self.field = field


def require(order, field, kind):
    value = order.get(field)
    if not isinstance(value, kind) or not value:
        raise Invalid(field)
    return value


def validate_order(order):
    try:
        item = require(order, "item", str)
        count = require(order, "count", int)
    except Invalid as error:
        field = error.field
        message = str(error)
        return {"ok": False, "field": field, "message": message}
    label = f"{count} x {item}"
    return {"ok": True, "label": label}
