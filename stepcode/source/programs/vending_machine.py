PRICES = {"tea": 120, "cola": 150}


def vending_machine(events):
    credit, log = 0, []
    for event in events:
        match event.split(":"):
            case ["coin", amount]:
                credit += int(amount)
            case ["pick", drink] if PRICES[drink] <= credit:
                credit -= PRICES[drink]
                log.append(drink)
            case ["pick", drink]:
                log.append(f"{PRICES[drink] - credit} missing")
            case ["refund"]:
                log.append(f"back {credit}")
                credit = 0
            case _:
                log.append("ignored")
    owed = credit > 0
    return log, credit, owed
