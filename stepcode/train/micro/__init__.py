"""The proof in small: does credit per step teach more than credit for the answer alone?

    settings -> tasks -> (a dataset, built as any other) -> problems -> tokenizer, model -> warm-up
             -> arms -> evaluate -> results -> statistics -> table, findings, plot

Real programs, real traces, TRL's trainers and ours; only the language and the model are tiny, so
that a machine of two cores and no network compares five ways to train, with several seeds. What
needs no torch (settings, tasks, results, statistics and what is written from them) imports none.
"""
