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
