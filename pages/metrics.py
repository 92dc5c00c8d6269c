"""How good is a trained run, where does it err? All runs, one (`?run=`), some (`?compare=`), and `?view=evaluate`."""

from pages.ui import review_state
from pages.ui.access import Audience
from pages.ui.frame import open_page
from pages.ui.metrics_compare import show_comparison
from pages.ui.metrics_evaluate import VIEW, offer_evaluations, show_evaluations
from pages.ui.metrics_list import show_runs
from pages.ui.metrics_run import show_run

with open_page("page.metrics.title", Audience.CURATOR) as page:
    run_id, several = review_state.in_address("run"), review_state.in_address("compare")
    if several:
        show_comparison(page.t, several.split(","))
    elif run_id:
        show_run(page.t, run_id)
    elif review_state.in_address("view") == VIEW:
        show_evaluations(page.t)
    else:
        offer_evaluations(page.t)
        show_runs(page.t)
