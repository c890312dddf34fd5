def summarise_scores(scores):
    if not scores:
        return {"count": 0, "mean": None}
    ordered = sorted(scores)
    lowest, highest = ordered[0], ordered[-1]
    mean = sum(ordered) / len(ordered)
    spread = highest - lowest
    passed = [score for score in ordered if score >= 65]
    return {"count": len(ordered), "mean": round(mean, 2), "spread": spread, "passed": len(passed)}
