"""Values are kept up to a size of all together, the longest unused go first."""

from submission_checker.evidence.kept import Kept


def test_values_are_made_once_and_forgotten_by_size():
    made = []

    def make(key):
        made.append(key)
        return b"x" * key

    kept = Kept(make, len, 10)
    assert [len(kept(key)) for key in (4, 5, 4)] == [4, 5, 4]
    assert made == [4, 5]
    kept(6)  # 4 + 5 + 6 are too much: 5 was used longest ago, then 4 still fits beside 6
    assert made == [4, 5, 6]
    assert len(kept(4)) == 4
    assert made == [4, 5, 6]
    kept(5)
    assert made == [4, 5, 6, 5]


def test_a_value_above_the_limit_is_not_kept():
    made = []
    kept = Kept(lambda key: made.append(key) or b"x" * key, len, 10)
    kept(3)
    assert len(kept(11)) == len(kept(11)) == 11
    assert made == [3, 11, 11]
    kept(3)
    assert made == [3, 11, 11]
    kept.clear()
    kept(3)
    assert made == [3, 11, 11, 3]
