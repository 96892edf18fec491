"""The judge is judged, on recordings that nobody made: where there is nothing to
see it sees nothing, and what is put in it finds.  Prints TAP; always the same."""

import sys

try:
    import sklearn
except ImportError:
    print("ok 1 - judge # SKIP python3-sklearn is not installed\n1..1")
    sys.exit(0)

import features
import plants
from judge import TASKS, Trial, all_tasks, tables_of
from recording import Windows, late_ns
from synthetic import make_recording

CYCLES = 4
SEEDS = (1, 2)
# By chance, one quiet task of so many looks like a leak.
QUIET = 0.01
done = failed = 0


def check(name, holds, found):
    global done, failed
    done += 1
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} {done} - {name}")
    if not holds:
        print(f"# {found}")


def check_nothing(name, findings):
    for task in TASKS:
        finding = findings[task]
        check(f"{name}: {task} is a guess", finding.chance > QUIET,
              finding.rows)


def check_trial(name, attempt, small, large):
    """The one is beneath what can be seen, the other is seen."""
    for size, seen in ((small, False), (large, True)):
        if size is None:
            continue
        finding = attempt(size)
        check(f"{name}, {size}: {'seen' if seen else 'not seen'}",
              (finding.chance <= QUIET) == seen, finding.rows)


def main():
    recordings = [make_recording(seed, CYCLES) for seed in SEEDS]
    windows = Windows(recordings)
    late = [[late_ns(r, side) for side in range(2)] for r in recordings]
    sights = [features.Sight(r) for r in recordings]
    check("the thief knows each frame's moment",
          all(0 < part.min() and part.max() < 200_000
              for each in late for part in each), late)

    tables = tables_of(sights, windows)
    tables["bits"] = features.bit_shares(recordings, sights, windows)
    check_nothing("a sender by the law",
                  all_tasks(tables, windows, windows.kind))
    check_nothing("shuffled labels", all_tasks(
        tables, windows, plants.shuffled_kinds(windows, 3)))

    trial = Trial(recordings, windows, late, tables)
    check_trial("late in talk, us", lambda us: trial.late(
        lambda i, r: features.Sight(r), us), 20, 2000)
    check_trial("late in talk at fixed intervals, us", lambda us: trial.late(
        lambda i, r: plants.metronome_sight(r, late[i]), us), None, 20)
    check_trial("late in talk for a thief of keys, us", trial.late_for_thief,
                None, 20)
    check_trial("a bigger frame, one in", trial.enlarge, None, 15)
    check_trial("a bit that leans, by",
                lambda bias: trial.lean(tables["bits"], bias), 0.005, 0.2)
    print(f"1..{done}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
