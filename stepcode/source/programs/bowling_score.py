def bowling_score(rolls):
    total, at, frames = 0, 0, 0
    while at < len(rolls) and frames < 10:
        strike = rolls[at] == 10
        first_two = sum(rolls[at : at + 2])
        if strike or first_two == 10:
            total += sum(rolls[at : at + 3])
        else:
            total += first_two
        at += 1 if strike else 2
        frames += 1
    complete = frames == 10
    average = total / frames
    return total, complete, round(average, 2)
