"""A support vector machine on scikit-learn's 8 × 8 digits, one call per trial."""

from typing import Annotated, Literal

from pydantic import Field
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

INPUTS, TARGETS = load_digits(return_X_y=True)


def train(
    kernel: Annotated[Literal["linear", "rbf"], "how samples are compared"] = "rbf",
    C: Annotated[float, Field(gt=0), "how much a wrong sample costs"] = 1.0,
    gamma: Annotated[float, Field(gt=0), "how near a sample must be to count; for rbf"] = 0.001,
    train_size: Annotated[int, Field(ge=10, le=1500), "samples that train; the others test"] = 300,
    seed: int = 0,
) -> dict[str, float]:
    """Train on samples that the seed draws, and measure the others."""
    train_inputs, test_inputs, train_targets, test_targets = train_test_split(
        INPUTS, TARGETS, train_size=train_size, random_state=seed
    )
    model = SVC(kernel=kernel, C=C, gamma=gamma).fit(train_inputs, train_targets)
    return {
        "accuracy": model.score(test_inputs, test_targets),
        "train_accuracy": model.score(train_inputs, train_targets),
        "support_vectors": model.n_support_.sum(),
    }


train.metrics = {
    "accuracy": "Share of test samples classified right.",
    "train_accuracy": "The same of the samples that train.",
    "support_vectors": "Training samples that the boundary rests on.",
}
