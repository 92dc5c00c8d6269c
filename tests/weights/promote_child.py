"""Promotes two runs in turn until it is killed, and tells of each promotion: `… DATABASE_URL WEIGHTS_DIR`."""

import itertools
import sys
from pathlib import Path

from core.db.engine import open_database
from core.db.releases import ReleaseRepository
from core.weights.release import promote_classifier

if __name__ == "__main__":
    releases = ReleaseRepository(open_database(sys.argv[1]))
    for run_id in itertools.cycle(("first", "second")):
        promote_classifier(releases, Path(sys.argv[2]), run_id)
        print(run_id, flush=True)
