class Account:
    def __init__(self, balance):
        self.balance = balance
        self.refused = 0

    def apply(self, amount):
        if self.balance + amount < 0:
            self.refused += 1
            raise ValueError(f"short by {-(self.balance + amount)}")
        self.balance += amount

    def __repr__(self):
        return f"Account({self.balance})"


def bank_account(opening, movements):
    account = Account(opening)
    errors = []
    for amount in movements:
        try:
            account.apply(amount)
        except ValueError as error:
            errors.append(str(error))
    closing = account.balance
    change = closing - opening
    return closing, change, errors
