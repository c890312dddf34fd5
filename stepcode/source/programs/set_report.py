def set_report(left, right):
    a, b = set(left), set(right)
    both = sorted(a & b)
    only_left = sorted(a - b)
    only_right = sorted(b - a)
    union_size = len(a | b)
    similarity = len(both) / union_size
    return {"both": both, "left": only_left, "right": only_right, "jaccard": round(similarity, 2)}
