"""Scripts in the three shapes that examples of W&B have, with one line changed; each follows a gradient."""

LOOP = """
import pathlib
import nnsweep.compat.wandb as wandb

wandb.login()
wandb.init(project="line", config={"lr": 0.1, "epochs": 3, "layers": [4], "note": "text"}, settings=wandb.Settings(x=1))
config = wandb.config
wandb.watch(object())
weight = 1.0
for epoch in range(config.epochs):
    weight *= 1 - config["lr"]
    wandb.log({"loss": weight, "test": {"loss": 2 * weight}, "picture": wandb.Image([1])})
wandb.run.summary["best"] = 7.0
pathlib.Path("model.txt").write_text(str(weight))
wandb.save("model.*")
artifact = wandb.Artifact("model", type="model")
artifact.add_file("model.txt", name="last/weight of line.txt")
wandb.log_artifact(artifact)
wandb.finish()
"""
"""A loop at the top of the file, and a dict of settings."""

MAIN = """
import argparse

import nnsweep.compat.wandb as wandb


def main(args):
    with wandb.init(project="line", config=args, name=f"lr={args.lr}") as run:
        assert dict(run.config) == vars(args)
        weight = 1.0
        for step in range(0, 30, 10):
            weight *= 1 - args.lr
            run.log({"weight": weight}, step=step, commit=False)
            run.log({"loss": weight + args.seed}, step=step)
        run.summary.update({"kept": args.layers[0]})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--layers", type=lambda text: [int(each) for each in text.strip("[]").split(",")], default=[4])
    main(parser.parse_args())
"""
"""Options of the command line, and a function `main`."""

AGENT = """
import nnsweep.compat.wandb as wandb

sweep_configuration = {"method": "random", "parameters": {"lr": {"values": [0.1, 0.2]}}}


def train():
    wandb.init(config={"epochs": 2})
    weight = 1.0
    for epoch in range(wandb.config.epochs):
        weight *= 1 - wandb.config.lr
        wandb.log({"loss": weight, "epoch": epoch})


sweep_id = wandb.sweep(sweep=sweep_configuration, project="line")
wandb.agent(sweep_id, function=train, count=4)
"""
"""A sweep of W&B's own, whose agent calls a function."""

INTRO = """
import random
import nnsweep.compat.wandb as wandb

wandb.require("core")
run = wandb.init(
    project="intro", name="first", tags=["a"], notes="why", group="g", job_type="train", mode="offline", reinit=True,
    config={"lr": 0.1, "seed": 0, "epochs": 3},
)
wandb.define_metric("val/*", step_metric="epoch", summary="min")
wandb.config.update({"batch": 32}, allow_val_change=True)
draw = random.Random(wandb.config.seed)
table = wandb.Table(columns=["id"], data=[[1]])
table.add_data(2)
for epoch in range(1, wandb.config.epochs + 1):
    loss = (1 - wandb.config.lr) ** epoch + wandb.config.seed
    wandb.log({"train/loss": 2 * loss}, commit=False)
    wandb.log({
        "loss": loss, "histogram": wandb.Histogram([1, 2]), "picture": wandb.Image("x.png"), "table": table,
        "chart": wandb.plot.line_series(xs=[1], ys=[[1]], keys=["a"], title="t", xname="x"),
    })
wandb.alert(title="low", text="text", level=wandb.AlertLevel.WARN)
run.log_code(".")
run.tags = (*run.tags, "b")
run.summary["told"] = f"{run.name} {run.project} {run.group} {run.notes} {run.tags} {run.get_url()}"
run.summary["best"] = loss
model = wandb.Artifact("model", type="model", description="d", metadata={"epochs": 3})
with model.new_file("weights/last.txt") as file:
    file.write(str(loss))
run.log_artifact(model, aliases=["best"])
with open("whole.bin", "wb") as file:
    file.write(b"model")
wandb.log_model(path="whole.bin", name="kept.bin")
wandb.finish()
"""
"""Most of what examples call, in one file."""
