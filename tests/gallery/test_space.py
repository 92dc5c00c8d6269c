"""The space in which photos are compared: fitted the same way everywhere, and better than what it is made of."""

import numpy as np

from core.gallery.space import CODE_LIMIT, DIMENSIONS, MOST_FITTED_ON, encode, fit_space, fitted_on
from core.weights.records import EmbeddingTable
from tests.support.galleries import anywhere, make_table, name


def test_rows_have_length_one_and_their_products_are_cosines() -> None:
    space = fit_space("run", make_table())
    rows = space.reduce(anywhere(20, 5))
    assert rows.dtype == np.float32 and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_length_of_an_embedding_does_not_matter_after_it_was_normalised_and_order_of_photos_never() -> None:
    table = make_table()
    shuffled = np.random.default_rng(3).permutation(len(table.class_ids))
    other = EmbeddingTable(*(getattr(table, n)[shuffled] for n in ("vectors", "class_ids", "groups", "sha256s")))
    asked = anywhere(5, 6)
    one, two = fit_space("run", table).reduce(asked), fit_space("run", other).reduce(asked)
    assert np.abs(one - two).max() < 1e-5
    assert np.abs(encode(one).astype(int) - encode(two).astype(int)).max() <= 1


def test_about_half_of_the_groups_are_fitted_on_and_a_group_is_never_on_both_sides() -> None:
    table = make_table()
    pairs = EmbeddingTable(table.vectors, table.class_ids, np.repeat(table.groups[::2], 2), table.sha256s)
    chosen = fitted_on(pairs)
    assert (chosen[::2] == chosen[1::2]).all()
    assert 0.35 < chosen.mean() < 0.65


def test_no_more_photos_are_fitted_on_than_time_allows() -> None:
    count = 3 * MOST_FITTED_ON
    groups = np.array([str(number) for number in range(count)])
    names = np.array([name(number) for number in range(count)])
    table = EmbeddingTable(np.zeros((count, 2), np.float16), np.full(count, -1), groups, names)
    assert fitted_on(table).sum() == MOST_FITTED_ON


def test_what_all_photos_vary_in_counts_less_than_what_few_do() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((300, 10)) * np.array([10.0, *[1.0] * 9])  # the first number is the weather
    groups = np.array([str(number) for number in range(300)])
    table = EmbeddingTable(rows.astype(np.float16), np.full(300, -1), groups, np.array([name(n) for n in range(300)]))
    space = fit_space("run", table)
    centre, weather, place = space.centre, np.eye(10)[0] * 3, np.eye(10)[1] * 3
    same_place = np.array([centre + weather + place, centre - weather + place, centre + weather - place])
    seen = space.reduce(same_place)
    away = same_place - centre
    plain = away @ away.T / np.outer(np.linalg.norm(away, axis=1), np.linalg.norm(away, axis=1))
    assert seen[0] @ seen[1] > plain[0, 1] + 0.3 and seen[0] @ seen[1] > seen[0] @ seen[2]


def test_few_photos_still_tell_apart_what_they_do_not_show() -> None:
    table = make_table(places=1, photos=3, strangers=0)
    space = fit_space("run", table)
    asked = anywhere(2, 8)
    rows = space.reduce(asked)
    assert rows.shape[1] == min(DIMENSIONS, asked.shape[1]) and abs(float(rows[0] @ rows[1])) < 0.9


def test_one_photo_or_none_is_no_reason_to_fail() -> None:
    for count in (0, 1):
        rows = fit_space("run", make_table(places=1, photos=count, strangers=0)).reduce(anywhere(3, 1))
        assert np.isfinite(rows).all()


def test_bytes_keep_the_direction() -> None:
    rows = fit_space("run", make_table()).reduce(anywhere(50, 9))
    codes = encode(rows)
    assert codes.dtype == np.int8 and np.abs(codes).max() == CODE_LIMIT
    back = codes / np.linalg.norm(codes.astype(float), axis=1, keepdims=True)
    assert (back * rows).sum(axis=1).min() > 0.999
    assert not encode(np.zeros((1, 4), np.float32)).any()
