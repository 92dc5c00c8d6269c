"""Start a crawl as a job, or go on with one; called by the page. The job is `python -m core crawl --crawl ID`."""

import hashlib
import json

from core.db.crawl_rows import spec_document
from core.db.crawls import CrawlRepository
from core.db.jobs import JobRepository
from core.domain.crawl import CrawlSpec
from core.domain.job import Job
from core.jobs.runner import Runner
from core.jobs.start import submit

KIND = "crawl"  # of the job


def submit_crawl(spec: CrawlSpec, crawls: CrawlRepository, jobs: JobRepository, runner: Runner) -> Job:
    """Start a crawl, or return the job under way that was asked for the same (a double click).

    Raises:
        InvalidInput: nothing is asked for, or a name or query is none.
        EodiError: `job.not_started`; the crawl stands and can be gone on with.
    """
    wish = json.dumps(spec_document(spec), sort_keys=True)
    crawl = crawls.create(spec)
    job = _submit(crawl.crawl_id, f"{KIND} {hashlib.sha256(wish.encode()).hexdigest()}", jobs, runner)
    if job.arguments == _arguments(crawl.crawl_id):
        crawls.set_job(crawl.crawl_id, job.job_id)
    else:
        crawls.delete(crawl.crawl_id)
    return job


def go_on_with_crawl(crawl_id: str, crawls: CrawlRepository, jobs: JobRepository, runner: Runner) -> Job:
    """Start a job that goes on with a crawl, or return the one under way.

    Raises:
        NotFound: code "crawl.not_found".
        EodiError: `job.not_started`.
    """
    crawl = crawls.get(crawl_id)
    job = _submit(crawl.crawl_id, f"{KIND} {crawl.crawl_id}", jobs, runner)
    crawls.set_job(crawl.crawl_id, job.job_id)
    return job


def _submit(crawl_id: str, dedupe_key: str, jobs: JobRepository, runner: Runner) -> Job:
    return submit(jobs, runner, KIND, _arguments(crawl_id), dedupe_key=dedupe_key)


def _arguments(crawl_id: str) -> tuple[str, ...]:
    return ("--crawl", crawl_id)
