"""The command line: `python mini.py data|train|export|eval --data DIR`, in this order."""

import argparse
import os
import sys

# libgomp reads this when it is loaded: waiting threads must not spin on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def main():
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("what", choices=("data", "train", "export", "eval"))
    cli.add_argument("--data", default="data", help="folder for packages, arrays, checkpoints")
    cli.add_argument("--minutes", type=float, default=85, help="length of the training run")
    cli.add_argument("--resume", action="store_true", help="go on from DATA/ckpt.pt")
    args = cli.parse_args()
    args.data = os.path.abspath(args.data)
    if args.what == "data":
        from data import build
        build(args.data)
    elif args.what == "train":
        from train import train
        train(args.data, args.minutes, args.resume)
    elif args.what == "export":
        from export import export
        export(args.data)
    else:
        from evaluate import evaluate
        evaluate(args.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
