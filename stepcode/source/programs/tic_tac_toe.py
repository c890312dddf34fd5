LINES = ["012", "345", "678", "036", "147", "258", "048", "246"]


def tic_tac_toe(board):
    triples = ["".join(board[int(i)] for i in line) for line in LINES]
    winners = [mark for mark in "XO" if 3 * mark in triples]
    empty = board.count(" ")
    turn = "X" if empty % 2 else "O"
    if winners:
        return f"{winners[0]} wins"
    if not empty:
        return "draw"
    return f"{turn} to move, {empty} free"
