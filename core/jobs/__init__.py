"""Long work as one command line and one row: started, watched, stopped, taken up again.

Enter through `start.submit` (a page or command starts a job), `execute.run_job` (the job's own process) and `watch`
(everyone who looks at jobs). No scheduler lives here: heavy work waits on a file lock and says so (`queue`). The row
itself is `core/db/jobs.py`; what a job does belongs to the packages above, which take a `report.Report`.
"""
