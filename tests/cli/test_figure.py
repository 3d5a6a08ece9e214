"""Figures of one trial, from the command line and from Python."""

import pytest

import nnsweep
from tests.helpers import SMALL, SWEEPS, call, slow

WHERE = ["alpha=0.05", "epochs=3", "hidden=4", "seed=2"]
KINDS = ["boundary", "trace", "surface", "preactivation"]
VARY = "61 inputs vary; choose two, such as --inputs 2,3: the others are then held at their means"


def stored(text, tmp_path, overrides=()):
    results = nnsweep.run(nnsweep.loads(text, overrides), tmp_path / "results", figures=False)
    return results.trial(results.trials["id"].iloc[0])


@pytest.mark.parametrize("kind", ["trace", slow("surface")])
def test_a_figure_is_written_beside_those_of_its_sweep(small, capsys, kind):
    id = call(capsys, "show", small, *WHERE)[1].split()[1]
    path = f"results/small/figures/{kind}_{id}.png"
    assert call(capsys, "figure", kind, small, *WHERE) == (0, f"written: {path}\n", "")
    first = (small.parent / path).read_bytes()
    assert first.startswith(b"\x89PNG")
    for words in (["small", *WHERE], [id[:8]]):
        (small.parent / path).unlink()
        assert call(capsys, "figure", kind, *words) == (0, f"written: {path}\n", "")
        assert (small.parent / path).read_bytes() == first


@pytest.mark.parametrize(
    ("kind", "suffix"), [*((kind, "svg") for kind in KINDS), slow("boundary", "pdf"), slow("surface", "pdf")]
)
def test_other_formats_come_out_again(small, capsys, kind, suffix, monkeypatch):
    written = []
    for date in ("0", "86400"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
        path = small.parent / f"new{date}" / f"a.{suffix}"
        assert call(capsys, "figure", kind, "small", *WHERE, "-o", path) == (0, f"written: {path}\n", "")
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert len(written[0]) < 1_000_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["boundary", "small", *WHERE, "-o", "a.jpg"],
         "a.jpg: the suffix .jpg for a figure; allowed: .png, .svg, .pdf"),
        (["boundary", "small", *WHERE, "--inputs", "3,1"], "no input `3`; allowed: input 1, input 2, or 1 to 2"),
        (["surface", "small", *WHERE, "--range", "5,0"],
         "--range 5,0: allowed: two numbers, the lower first, such as 0,5"),
        (["surface", "small", *WHERE, *["--range", "0,5"] * 3],
         "--range: found 3; allowed: one for both inputs, or one for each"),
        (["surface", "small", *WHERE, "--unit", "2"], "--unit 2: no such output; allowed: 1"),
        (["surface", "small", *WHERE, "--inputs", "1"], "--inputs: found 1; allowed: two different inputs"),
        (["trace", "small", *WHERE, "--weights", "w51"],
         "no weight `w51`; allowed: w11, w21, w31, w41, w12, w22, w32, w42, b1, b2, b3, b4, … 2.b1, "
         "and patterns such as w1*; did you mean `w41`?"),
        (["surface", "small", "hidden=4"],
         "24 trials of small match; name one by alpha, epochs, hidden, seed, or by its id"),
        (["surface", "other", *WHERE],
         "`other`: nothing of that name is stored in results; allowed: a sweep file, a results folder, small"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn(small, capsys, arguments, message):
    assert call(capsys, "figure", *arguments) == (2, "", f"Error: {message}\n")


def test_a_kind_that_is_not_there(small, capsys):
    code, out, err = call(capsys, "figure", "bondary", "small")
    assert (code, out) == (2, "")
    allowed = (
        "axes, best_so_far, boundary, contour, distribution, importances, marginal, medians, parallel, pareto, "
        "preactivation, rates, stages, surface, trace"
    )
    assert err.splitlines()[-1] == f"Error: no figure `bondary`; allowed: {allowed}; did you mean `boundary`?"
    with pytest.raises(nnsweep.NnsweepError) as refused:
        stored(SMALL, small.parent).figure("bondary")
    assert str(refused.value) == (
        "no figure `bondary` of a trial; allowed: boundary, trace, surface, preactivation"
    )  # fmt: skip


def test_a_trial_not_trained_yet(small, capsys):
    code, _, err = call(capsys, "figure", "boundary", "small", *WHERE[:3], "seed=9", "--set", "seed={count=10}")
    assert code == 2
    assert err.endswith(" is not trained yet; run the sweep first\n")


def test_a_trainer_without_a_network(tmp_path):
    text = 'name = "x"\ntrainer = "tests.helpers.fake_trainer:FakeTrainer"\n[axes]\nvalue = [1, 2]\n'
    trial = stored(text, tmp_path)
    name = "trainer `tests.helpers.fake_trainer:FakeTrainer`"
    for kind in KINDS:
        with pytest.raises(nnsweep.NnsweepError) as refused:
            trial.figure(kind)
        why = "keeps no weights to trace" if kind == "trace" else "has no network to draw"
        assert str(refused.value) == f"{name} {why}"


@pytest.mark.parametrize("kind", ["boundary", "surface", "preactivation"])
def test_a_trial_that_diverged_has_a_trace_alone(tmp_path, kind):
    diverging = ["alpha=1e300", "epochs=2", "hidden=4", "output=identity", "loss=squared_error"]
    trial = stored(SMALL, tmp_path, diverging)
    assert trial.outcome.status == "diverged"
    with pytest.raises(nnsweep.NnsweepError) as refused:
        trial.figure(kind)
    assert str(refused.value) == "the network's outputs are not finite: there is nothing to draw but its trace"
    assert trial.figure("trace").axes


def test_a_trial_that_failed_has_no_network(tmp_path, monkeypatch):
    from dataclasses import replace

    from nnsweep.trainers import Outcome

    trial = replace(stored(SMALL, tmp_path), outcome=Outcome("crashed"))
    with pytest.raises(nnsweep.NnsweepError) as refused:
        trial.figure("boundary")
    assert str(refused.value) == f"trial {trial.trial.id} ended as crashed: it has no network to draw"


def test_amounts_have_a_surface_and_no_boundary(tmp_path):
    rows = "{ inputs = [[0, 0], [1, 0], [0, 1], [2, 1]], targets = [0.1, 0.5, 2.5, 3] }"
    text = (
        f'name = "amounts"\n[fixed]\ndata = {rows}\nsplit = "all"\noutput = "identity"\nloss = "squared_error"\n'
        "[axes]\nseed = [0]\n"
    )
    trial = stored(text, tmp_path)
    with pytest.raises(nnsweep.NnsweepError) as refused:
        trial.figure("boundary")
    assert str(refused.value) == "the targets name no classes, so there is no boundary; figure surface draws the output"
    assert trial.figure("surface").axes[0].get_zlabel() == "output"


def test_csv_columns_have_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "\n".join(f"{a},{b},{a * b},{'yes' if a > b else 'no'}" for a in range(4) for b in range(4))
    (tmp_path / "plants.csv").write_text(f"height,age,area,kind\n{rows}\n", encoding="utf-8")
    text = (
        'name = "plants"\n[fixed]\ndata = { csv = "plants.csv", target = "kind" }\nsplit = "all"\n[axes]\nseed = [0]\n'
    )
    axes = stored(text, tmp_path).figure("boundary", inputs=["area", "height"]).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("area", "height")
    with pytest.raises(nnsweep.NnsweepError) as refused:
        stored(text, tmp_path).figure("boundary", inputs=["hight", "age"])
    assert str(refused.value) == "no input `hight`; allowed: height, age, area, or 1 to 3; did you mean `height`?"


def test_the_forums_figures_have_the_ranges_of_the_question(small):
    trial = stored(SMALL, small.parent, ["train_size=1000", "test_size=2000"])
    boundary = trial.figure("boundary").axes[0]
    assert (boundary.get_xlim(), boundary.get_ylim()) == ((0.25, 1.75), (1.25, 2.75))
    surface = trial.figure("preactivation").axes[0]
    assert (surface.xy_dataLim.x0, surface.xy_dataLim.x1) == (0, 5)
    assert (surface.xy_dataLim.y0, surface.xy_dataLim.y1) == (0, 5)
    chosen = trial.figure("preactivation", ranges=[(1.0, 2.0)]).axes[0]
    assert (chosen.xy_dataLim.x0, chosen.xy_dataLim.x1) == (1, 2)


def test_what_is_above_a_figure(small):
    trial = nnsweep.open("small").trial(alpha=0.05, epochs=3, hidden=4, seed=0)
    texts = [text.get_text() for text in trial.figure("boundary").texts]
    assert texts[0] == f"small, trial {trial.trial.id}: decision regions"
    error = f"{trial.outcome.metrics['error']:.6g}"
    assert texts[1] == f"alpha = 0.05, epochs = 3, hidden = 4, seed = 0\nok, error {error}"


def test_wrong_samples_are_those_of_the_error(small):
    trial = stored(SMALL, small.parent, ["alpha=0.05", "epochs=3", "hidden=4"])
    legend = [text.get_text() for text in trial.figure("boundary").axes[0].get_legend().get_texts()]
    wrong = round(trial.outcome.metrics["error"] * 100)
    assert legend[2].endswith(f"\n{wrong} of 100 test")


DRAWN = [
    pytest.param(path, id=path.stem, marks=[] if path.stem in ("forum", "gates") else [pytest.mark.slow])
    for path in sorted(SWEEPS.glob("*.toml"))
]


@pytest.mark.parametrize("path", DRAWN)
def test_every_shipped_sweep_is_drawn_or_says_why_not(tmp_path, path):
    text = path.read_text(encoding="utf-8")
    if 'data = "digits"' in text:
        pytest.importorskip("sklearn")
    short = nnsweep.loads(text)
    first = [f"{axis.name}={axis.values[0]}" for axis in short.axes if isinstance(axis.values[0], int | float)]
    epochs = [] if any(axis.name == "epochs" for axis in short.axes) else ["epochs=3", "measure_every=3"]
    trial = stored(text, tmp_path, [*first, *epochs])
    for kind in KINDS:
        if 'data = "digits"' not in text or kind == "trace":
            assert trial.figure(kind).axes, kind
            continue
        with pytest.raises(nnsweep.NnsweepError) as refused:
            trial.figure(kind)
        assert str(refused.value) == VARY
        unit = {} if kind == "boundary" else {"unit": 3}
        assert trial.figure(kind, inputs=["22", "29"], **unit).axes, kind
