from functools import lru_cache


def common_subsequence(first, second):
    @lru_cache(maxsize=None)
    def best(i, j):
        if i == len(first) or j == len(second):
            return ""
        if first[i] == second[j]:
            return first[i] + best(i + 1, j + 1)
        return max(best(i + 1, j), best(i, j + 1), key=len)

    answer = best(0, 0)
    size = len(answer)
    ratio = size / max(len(first), len(second), 1)
    return answer, size, round(ratio, 2)
