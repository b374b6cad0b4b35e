"""The pages of docs/experiments about images. See tools/images."""

import argparse
from pathlib import Path

PAGES = ["digits", "mnist", "activations"]


def main():
    parser = argparse.ArgumentParser(prog="tools/images", description="Networks of images on real pictures, beside PyTorch, and the textbook's claims on synthetic ones.")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help=f"some of {', '.join(PAGES)}; all by default")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="where the pages go; docs/experiments by default")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="of both tools where they are compared; 1 by default")
    parser.add_argument("--lockstep", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.pages:
        if name not in PAGES:
            parser.error(f"found the page {name}, expected some of {', '.join(PAGES)}")
    for folder in arguments.output, arguments.data:
        folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.pages or PAGES:
        print(f"images-{name}", flush=True)
        if name == "activations":
            import image_claims
            image_claims.run(arguments.lockstep, arguments.data, arguments.output)
        else:
            import image_peers
            image_peers.run(name, arguments.lockstep, arguments.data, arguments.output, arguments.threads)


if __name__ == "__main__":
    main()
