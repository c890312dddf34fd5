def rock_paper_scissors(ours, theirs):
    beats = {"R": "S", "P": "R", "S": "P"}
    rounds = list(zip(ours, theirs))
    wins = sum(beats[a] == b for a, b in rounds)
    losses = sum(beats[b] == a for a, b in rounds)
    draws = len(rounds) - wins - losses
    if wins > losses:
        verdict = "won"
    elif wins < losses:
        verdict = "lost"
    else:
        verdict = "drawn"
    return verdict, (wins, losses, draws)
