"""What each column of the tables is: `{metric}` stands for the name of any metric."""

from __future__ import annotations

MEANINGS: dict[str, dict[str, str]] = {
    "trials.csv": {
        "id": "Digest of the trial's parameters, trainer, version and data: what `replay` and `show` are given.",
        "{axis}": "One column for each axis, as the sweep file spells it; the seed is the last.",
        "status": "`ok`, `diverged`, `failed`, `crashed`, `timeout`, or `missing` if it was never trained.",
        "{metric}": "The metric after the last epoch; empty where it was not finite, or was never measured.",
        "success": "Whether the metric of `[success]` is on the right side of its bound; False where it is empty.",
        "signature": "Why a trial failed, as [diagnosis](../diagnosis.md) names it.",
    },
    "summary.csv": {
        "{axis}": "One column for each axis but the seed: together they name a cell.",
        "n": "Trials of the cell that have every metric which it measures; every statistic is over these.",
        "missing": "Trials of the cell that have not: not trained, or without a finite metric.",
        "finished": "Trials that ended as `ok` or `diverged`.",
        "successes": "Trials that are a success.",
        "rate": "successes / finished, so that a diverged trial counts as no success.",
        "rate_low": "Lower end of the rate's 95 % interval, after [Wilson](../statistics.md#the-success-rate).",
        "rate_high": "Its upper end.",
        "{metric}_mean": "Mean over the n trials.",
        "{metric}_sd": "Standard deviation, divided by n − 1.",
        "{metric}_median": "Median.",
        "{metric}_min": "Least value.",
        "{metric}_max": "Greatest value.",
        "{metric}_median_low": "Lower end of the median's 95 % bootstrap interval.",
        "{metric}_median_high": "Its upper end.",
        "{metric}_iqm": "Interquartile mean: that of the middle half of the n trials.",
        "{metric}_iqm_low": "Lower end of the interquartile mean's 95 % bootstrap interval.",
        "{metric}_iqm_high": "Its upper end.",
        "diverged": "Trials in which a parameter or a metric became infinite or NaN.",
        "failed": "Trials that ended as `failed`, `crashed` or `timeout`: they say nothing of the parameters.",
    },
    "history.csv": {
        "{axis}": "One column for each axis but the seed.",
        "epoch": "After which epoch.",
        "n": "Trials that have this epoch: the history of one that diverged ends before.",
        "{metric}_mean": "Mean over the seeds.",
        "{metric}_lower": "Lower quartile over the seeds.",
        "{metric}_median": "Median over the seeds.",
        "{metric}_upper": "Upper quartile over the seeds.",
    },
    "compare_….csv": {
        "{axis}": "One column for each axis but the seed and the one compared.",
        "pairs": "Seeds that both settings have.",
        "successes_a": "Successes with the first setting.",
        "successes_b": "Successes with the second.",
        "difference": "Rate of the second less that of the first.",
        "low": "Lower end of the difference's 95 % interval.",
        "high": "Its upper end.",
        "p": "McNemar's exact p-value.",
        "p_holm": "The same, adjusted for the number of cells.",
        "{metric}_pairs": "Pairs in which both trials have the metric.",
        "{metric}_difference": "Median over the pairs of the second's metric less the first's.",
        "{metric}_low": "Lower end of its 95 % bootstrap interval.",
        "{metric}_high": "Its upper end.",
        "{metric}_p": "Wilcoxon's signed-rank p-value.",
        "{metric}_p_holm": "The same, adjusted for the number of cells.",
    },
}


def meaning(table: str, column: str) -> str:
    """Say what a column is; nothing where nobody has said so yet, which a test finds."""
    return MEANINGS.get(table, {}).get(column, "")
