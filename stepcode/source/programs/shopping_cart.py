from dataclasses import dataclass


@dataclass
class Line:
    name: str
    count: int
    cents: int

    @property
    def total(self) -> int:
        return self.count * self.cents


def shopping_cart(entries, voucher=None):
    lines = [Line(*entry) for entry in entries]
    subtotal = sum(line.total for line in lines)
    discount = subtotal // 2 if voucher == "HALF" else 0
    shipping = 0 if subtotal - discount >= 5000 or not lines else 490
    total = subtotal - discount + shipping
    return {"lines": len(lines), "shipping": shipping, "total": f"{total / 100:.2f}"}
