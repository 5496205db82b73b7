"""``srbench significance``: pairs of methods, image by image."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from samples import record
from scipy.stats import permutation_test, ttest_rel

from srbench.leaderboard.paired_tests import holm, paired_test, sign_flip_p, smallest_difference
from srbench.results import store
from srbench.results.image_rows import ImageRow


def stored_scores(folder: Path, model: str, scores: list[float], **about: str) -> None:
    rows = tuple(ImageRow(image=f"i{n}", values={"psnr": s}, lr_size=(8, 8)) for n, s in enumerate(scores))
    known = record(model, float(np.mean(scores)), **about)
    data = known.dataset.model_copy(update={"images": len(scores)})
    store.write(folder, known.model_copy(update={"images": rows, "dataset": data, "values": {"psnr": known.values["psnr"]}}))  # fmt: skip # noqa: E501


def test_p_is_that_of_scipys_permutation_test() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(30.1, 1, 9), rng.normal(30, 1, 9)
    other = permutation_test((a, b), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(list(a - b)) == pytest.approx(other.pvalue)
    many = rng.normal(0.05, 0.3, 100)
    assert sign_flip_p(list(many)) == pytest.approx(ttest_rel(many, np.zeros(100)).pvalue, abs=0.02)


def test_the_least_difference_is_found_in_eight_of_ten_trials() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.normal(0, 1, 40)
    least = smallest_difference(list(drawn / drawn.std(ddof=1)))
    assert least is not None
    found = [ttest_rel(rng.normal(least, 1, 40), np.zeros(40)).pvalue < 0.05 for _ in range(400)]
    assert 0.7 < np.mean(found) < 0.9
    assert smallest_difference([0.1]) is None


def test_holm_is_in_the_order_given_and_never_above_one() -> None:
    assert holm([0.5, 0.001, 0.9]) == (1.0, 0.003, 1.0)


def test_pairs_of_stored_methods_and_the_sentence(srbench, tmp_path: Path) -> None:
    base = [30.0 + n % 5 for n in range(12)]
    stored_scores(tmp_path, "imdn", base)
    stored_scores(tmp_path, "lrfdn", [score - 0.2 - 0.01 * n for n, score in enumerate(base)])
    stored_scores(tmp_path, "rfdn", [score + (0.1 if n % 2 else -0.1) for n, score in enumerate(base)],
                  weights="rfdn.bundled")  # fmt: skip
    answer = srbench("significance", "imdn", "lrfdn", "rfdn", "--results", tmp_path, "--json")
    assert answer.code == 0, answer.err
    first, second, third = json.loads(answer.out)
    assert (first["better"], first["worse"], first["comparisons"]) == (12, 0, 3)
    assert first["mean"] == pytest.approx(0.255)
    assert first["p"] == pytest.approx(2 / 2**12)
    assert first["p_holm"] == pytest.approx(3 * first["p"])
    assert "IMDN is better than LRFDN by 0.255 dB PSNR" in first["sentence"]
    assert "on 12 of 12 images; the difference is significant at 5%" in first["sentence"]
    assert second["p"] > 0.9
    assert "RFDN (trained by srbench) is better than LRFDN" in third["sentence"]
    table = srbench("significance", "imdn", "lrfdn", "--results", tmp_path)
    assert "12 of 12" in table.out


def test_of_a_quantity_whose_less_is_better_the_lower_one_is_named(tmp_path: Path) -> None:
    from dataclasses import replace

    from srbench.quantities import get_quantity
    from srbench.report.handin.significance import compare_all

    stored_scores(tmp_path, "imdn", [30.0, 31.0, 32.0])
    stored_scores(tmp_path, "lrfdn", [31.0, 32.5, 33.0])
    records = {one.model.name: one for one in store.read_all(tmp_path)[0].quality}
    lower = replace(get_quantity("psnr"), direction="lower")
    (found,) = compare_all([[records["imdn"]], [records["lrfdn"]]], lower)
    assert "IMDN is better than LRFDN by 1.167" in found.sentence
    assert "on 3 of 3 images" in found.sentence


def test_what_cannot_be_compared_is_one_sentence(srbench, tmp_path: Path) -> None:
    assert paired_test([1.0, 2.0], [1.0, 2.0]).p == 1.0
    stored_scores(tmp_path, "imdn", [30.0, 31.0])
    stored_scores(tmp_path, "lrfdn", [30.0, 31.0], dataset="set14")
    stored_scores(tmp_path, "rfdn", [30.0, 31.0, 32.0])
    srbench("significance", "imdn", "rfdn", "--results", tmp_path).one_sentence("share no images")
    srbench("significance", "imdn", "--results", tmp_path).one_sentence("two methods or more")
    srbench("significance", "imdn", "gone", "--results", tmp_path).one_sentence("unknown method")
    srbench("significance", "imdn", "rfdn", "--quantity", "params").one_sentence("no value per image")
    srbench("significance", "imdn", "a=x/", "--results", tmp_path).one_sentence("of which dataset")
