"""Ten thousand random things done to a session, and what was heard: no click, nothing too loud.

python scripts/live_storm.py [ACTIONS] [SEED]
"""

import sys

from tests.live.storm import storm


def main() -> None:
    """Print what it came to; fail if it was not safe."""
    actions = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    heard = storm(actions, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(f"{heard.actions} actions in {heard.seconds:.0f} s of piece, {heard.reloads} reloads")
    print(f"highest sample {heard.peak:.4f}, ceiling {heard.ceiling:.4f}")
    print(f"largest step {heard.step:.4f}, a click begins at {heard.click:.4f}")
    print(f"underruns {heard.underruns}")
    safe = heard.peak <= heard.ceiling and heard.step <= heard.click and not heard.underruns
    print("safe" if safe else "NOT SAFE")
    sys.exit(0 if safe else 1)


if __name__ == "__main__":
    main()
