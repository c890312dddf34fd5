def longest_palindrome(text):
    def grow(left, right):
        while left >= 0 and right < len(text) and text[left] == text[right]:
            left -= 1
            right += 1
        return text[left + 1 : right]

    best = ""
    for centre in range(len(text)):
        best = max(best, grow(centre, centre), grow(centre, centre + 1), key=len)
    size = len(best)
    start = text.find(best)
    whole = size == len(text)
    return best, start, whole
