"""One vocabulary of scores, and everything that is fitted on predictions.

`scores` are the numbers with their counts and 95 % intervals, `probabilities` turns logits into calibrated evidence
(the same way for evaluation and for serving), `fitting` fits temperature and threshold, `out_of_fold` is the honest
evaluation that training calls. numpy only; no model is run here.
"""
