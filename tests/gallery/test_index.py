"""The gallery finds what is most similar, place by place, and leaves out what it is told to."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from core.gallery.index import AT_ONCE, MEAN_OF, Gallery, KnownPhotos, joined
from core.gallery.shipped import RunGallery
from core.gallery.space import encode
from tests.support.galleries import anywhere, make_start, name, near


@pytest.fixture(scope="module")
def start() -> RunGallery:
    return make_start()


@pytest.fixture(scope="module")
def gallery(start: RunGallery) -> Gallery:
    return start.of(start.photos)


def photos_of(start: RunGallery, embeddings: np.ndarray, class_id: int, first: int = 10_000) -> KnownPhotos:
    names = np.array([name(first + row).encode() for row in range(len(embeddings))])
    return KnownPhotos(encode(start.space.reduce(embeddings)), np.full(len(names), class_id), names, names)


def test_the_nearest_are_those_of_an_exact_search(start: RunGallery) -> None:
    many = anywhere(AT_ONCE + 500, 4)  # more than one block
    gallery = start.of(photos_of(start, many, -1))
    exact = start.space.reduce(anywhere(20, 5)) @ start.space.reduce(many).T
    found = [[int(near.sha256, 16) - 10_000 for near in gallery.nearest(query, 5)] for query in anywhere(20, 5)]
    best = np.argsort(-exact, axis=1)[:, :5]
    assert np.mean([len({*mine} & {*theirs}) / 5 for mine, theirs in zip(found, best.tolist(), strict=True)]) > 0.97
    first = gallery.nearest(anywhere(20, 5)[0], 5)
    assert [n.similarity for n in first] == sorted((n.similarity for n in first), reverse=True)
    assert first[0].similarity == pytest.approx(float(exact[0].max()), abs=0.01)


def test_a_photo_finds_itself_its_place_and_its_group(gallery: Gallery) -> None:
    known = near(1, 8, 1)[2]
    first, *others = gallery.nearest(known, 3)
    assert (first.sha256, first.class_id, first.group_id) == (name(8 + 2), 1, "group 10")
    assert first.similarity == pytest.approx(1, abs=1e-3) and first.similarity <= 1
    assert {other.class_id for other in others} == {1}


def test_a_stranger_has_no_class_number(gallery: Gallery) -> None:
    nearest = gallery.nearest(anywhere(240, 99)[7], 1)[0]
    assert nearest.class_id is None and nearest.sha256 == name(3 * 8 + 7)


def test_the_own_group_is_left_out(gallery: Gallery) -> None:
    known = near(1, 8, 1)[2]
    own = frozenset({"group 10"})
    assert "group 10" not in {near.group_id for near in gallery.nearest(known, 20, own)}
    with_own, without = gallery.scores(known), gallery.scores(known, own)
    assert with_own.photos == (8, 8, 8) and without.photos == (8, 7, 8)
    assert without.similarities[1] < with_own.similarities[1]


def test_a_place_whose_photos_are_all_left_out_is_not_spoken_of(start: RunGallery) -> None:
    gallery = start.of(joined([start.photos, photos_of(start, near(7, 1, 7), 7)]))
    assert gallery.scores(near(7, 1, 7)[0]).class_ids == (0, 1, 2, 7)
    assert gallery.scores(near(7, 1, 7)[0], frozenset({name(10_000)})).class_ids == (0, 1, 2)


def test_a_place_speaks_by_the_mean_of_its_most_similar_photos(start: RunGallery, gallery: Gallery) -> None:
    asked = near(2, 1, 55)[0]
    products = start.space.reduce(asked[None]) @ start.space.reduce(near(2, 8, 2)).T
    expected = np.sort(products[0])[-MEAN_OF:].mean()
    said = gallery.scores(asked)
    assert said.class_ids == (0, 1, 2) and said.similarities[2] == pytest.approx(expected, abs=0.01)
    assert int(np.argmax(said.similarities)) == 2 and said.neighbours[0].class_id == 2


def test_a_gallery_counts_the_photos_of_a_place(gallery: Gallery) -> None:
    assert [gallery.known_from(class_id) for class_id in (0, 2, 9)] == [8, 8, 0] and len(gallery) == 3 * 8 + 240


def test_strangers_are_rarely_as_similar_to_a_new_place_as_its_own_photos(start: RunGallery) -> None:
    gallery = start.of(joined([start.photos, photos_of(start, near(5, 6, 5), 5)]))
    own, stranger = gallery.scores(near(5, 1, 77)[0]), gallery.scores(anywhere(1, 78)[0])
    assert own.stranger_shares is not None and stranger.stranger_shares is not None
    assert own.stranger_shares[3] < 0.001 and stranger.stranger_shares[3] > 0.02
    assert own.stranger_shares[:3].tolist() == [1, 1, 1]  # the classifier knows these


def test_nothing_is_said_of_strangers_to_a_place_of_one_or_two_photos(start: RunGallery) -> None:
    gallery = start.of(joined([start.photos, photos_of(start, near(5, 2, 5), 5)]))
    shares = gallery.scores(near(5, 1, 77)[0]).stranger_shares
    assert shares is not None and shares[3] == 1


def test_a_photo_of_the_new_place_is_no_stranger_to_it(start: RunGallery) -> None:
    moved = start.strangers.some(start.strangers.class_ids == -1).some(np.arange(5))
    stays = start.photos.some(~np.isin(start.photos.sha256s, moved.sha256s))
    there = KnownPhotos(moved.codes, np.full(5, 5), moved.groups, moved.sha256s)
    gallery = start.of(joined([stays, there]))
    fresh = Gallery(start.space, there, start.strangers.some(~np.isin(start.strangers.sha256s, moved.sha256s)))
    assert gallery._tails[5] == fresh._tails[5]


def test_photos_of_no_known_place_that_came_later_make_a_likeness_less_rare(start: RunGallery) -> None:
    place = photos_of(start, near(5, 6, 5), 5)
    before = start.of(joined([start.photos, place]))
    look_alikes = photos_of(start, near(5, 60, 6), -1, first=20_000)
    after = start.of(joined([start.photos, place, look_alikes]), before)
    asked = near(5, 1, 77)[0]
    shares = [g.scores(asked).stranger_shares for g in (before, after)]
    assert shares[0] is not None and shares[1] is not None and shares[1][3] > 10 * shares[0][3]


def test_what_did_not_change_is_taken_over_from_the_gallery_before(start: RunGallery) -> None:
    five, six = photos_of(start, near(5, 6, 5), 5), photos_of(start, near(6, 6, 6), 6, first=30_000)
    before = start.of(joined([start.photos, five, six]))
    more = photos_of(start, near(6, 1, 60), 6, first=40_000)
    after = start.of(joined([start.photos, five, six, more]), before)
    assert after._tails[5] is before._tails[5] and after._tails[6] != before._tails[6]


def test_an_empty_gallery_knows_nothing_and_says_so(start: RunGallery) -> None:
    gallery = start.of(start.photos.some(np.zeros(len(start.photos), bool)))
    said = gallery.scores(anywhere(1, 1)[0])
    assert (said.class_ids, said.photos, said.neighbours, len(gallery)) == ((), (), (), 0)
    assert said.similarities.shape == (0,)


def test_many_threads_get_the_same_answers(gallery: Gallery) -> None:
    asked = anywhere(60, 3)
    alone = [gallery.nearest(query) for query in asked]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(gallery.nearest, asked)) == alone
