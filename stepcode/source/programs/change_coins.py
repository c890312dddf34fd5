def change_coins(amount, coins=(25, 10, 5, 1)):
    greedy, rest = [], amount
    for coin in sorted(coins, reverse=True):
        count, rest = divmod(rest, coin)
        greedy += [coin] * count
    best = [0] + [amount + 1] * amount
    for value in range(1, amount + 1):
        best[value] = 1 + min(best[value - coin] for coin in coins if coin <= value)
    fewest = best[amount]
    optimal = fewest == len(greedy)
    return greedy, fewest, optimal
