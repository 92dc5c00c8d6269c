"""Crawls: what was asked for, where each source stands, and every photo that was found."""

from typing import Any

import sqlalchemy as sa

from core.db.migrations.versions.r0001_first_tables import JSON, MOMENT, TEXT, create, key, optional, required

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_crawls()
    create_sources()
    create_queries()
    create_candidates()


def of_a_crawl(table: str) -> Any:
    name = f"fk_{table}_crawl_id"
    return sa.ForeignKeyConstraint(["crawl_id"], ["crawls.crawl_id"], name=name, ondelete="CASCADE")


def create_crawls() -> None:
    create(
        "crawls",
        required("crawl_id", key(32)),
        required("spec", JSON),
        required("created_at", MOMENT),
        required("job_id", key(32)),
        sa.PrimaryKeyConstraint("crawl_id", name="pk_crawls"),
        indexes={"ix_crawls_created": ["created_at"], "ix_crawls_job": ["job_id"]},
    )


def create_sources() -> None:
    create(
        "crawl_sources",
        required("crawl_id", key(32)),
        required("source", key(64)),
        required("light", key(16)),
        optional("until", MOMENT),
        required("message", TEXT),
        required("message_values", JSON),
        sa.PrimaryKeyConstraint("crawl_id", "source", name="pk_crawl_sources"),
        of_a_crawl("crawl_sources"),
    )


def create_queries() -> None:
    create(
        "crawl_queries",
        sa.Column("query_id", sa.Integer(), autoincrement=True, nullable=False),
        required("crawl_id", key(32)),
        required("query_key", key(64)),
        required("place_slug", key(64)),
        required("source", key(64)),
        required("query", TEXT),
        required("cursor", JSON),
        required("pages", sa.Integer()),
        required("stale_pages", sa.Integer()),
        required("finished", sa.Boolean()),
        sa.PrimaryKeyConstraint("query_id", name="pk_crawl_queries"),
        of_a_crawl("crawl_queries"),
        sa.UniqueConstraint("crawl_id", "query_key", name="uq_crawl_queries_crawl_id"),
    )


def create_candidates() -> None:
    create(
        "crawl_candidates",
        sa.Column("candidate_id", sa.Integer(), autoincrement=True, nullable=False),
        required("crawl_id", key(32)),
        required("query_id", sa.Integer()),
        required("place_slug", key(64)),
        required("source", key(64)),
        required("candidate_key", key(64)),
        required("state", key(16)),
        required("reason", key(64)),
        required("reason_values", JSON),
        required("photo_sha256", key(64)),
        required("licence", TEXT),
        required("candidate", JSON),
        optional("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("candidate_id", name="pk_crawl_candidates"),
        of_a_crawl("crawl_candidates"),
        sa.ForeignKeyConstraint(
            ["query_id"], ["crawl_queries.query_id"], name="fk_crawl_candidates_query_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("crawl_id", "place_slug", "candidate_key", name="uq_crawl_candidates_crawl_id"),
        indexes={
            "ix_crawl_candidates_key": ["candidate_key", "state"],
            "ix_crawl_candidates_work": ["crawl_id", "source", "place_slug", "state", "candidate_id"],
            "ix_crawl_candidates_newest": ["crawl_id", "state", "settled_at"],
        },
    )
