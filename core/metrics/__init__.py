"""One vocabulary of scores, and everything that is fitted on predictions.

`scores` are the numbers with their counts and 95 % intervals, `probabilities` turns logits into calibrated evidence
(the same way for evaluation and for serving), `fitting` fits temperature and threshold, `out_of_fold` is the honest
evaluation that training calls; `training_log` reads the log of a run and `run_report` puts its numbers together.
`opened_run` opens a run with all that figures need; `unseen` says which photos two runs may be compared on, and
`compare`, `compare_boxes` compare them. No model is run here.
"""
