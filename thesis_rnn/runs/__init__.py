"""The stages of a run - train, explain, evaluate, report - which meet only in its folder."""
