"""Owns the verdict: can a trained classifier tell what people did?

    judge.py FOLDER

FOLDER holds recordings as bench/observer.sh makes them.  The observer has both
ends' datagrams, the length of slots and where they begin, and has trained on
other hours of the same line.  Three questions: talk or silence; who; what.
"""

import sys

import numpy as np

import features
import models
import plants
from recording import (KINDS, SIDES, Windows, WINDOW_SLOTS, late_ns,
                       read_folder)

TASKS = ("talk or silence", "who", "what")
DELAYS_US = (5, 10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000, 2000, 4000,
             8000)
BIASES = (0.02, 0.05, 0.1, 0.2, 0.3)
ENLARGED_EVERY = (200, 50, 15)
# Any will do.
BIT = 1234
# Of so many sizes tried, some would be found by chance alone at a hundredth.
CAUGHT = 0.002
SHUFFLES = range(7, 27)
BY_CHANCE = 0.3


def task_of(kind, task):
    """Which windows a question is about, and the right answers."""
    names = np.array([KINDS[k] for k in kind])
    talk = names != "silence"
    if task == "talk or silence":
        return np.ones(len(kind), dtype=bool), talk.astype(int)
    if task == "who":
        return talk, np.char.startswith(names, "a-").astype(int)
    return talk, np.char.endswith(names, "-file").astype(int)


class Finding:
    """What the models made of one question."""

    def __init__(self, tables, windows, kind, task, names):
        about, answer = task_of(kind, task)
        fold = models.folds_of(windows.cycle)[about]
        block, y = windows.block[about], answer[about]
        scores = {}
        for name in names:
            make, table = models.MODELS[name]
            scores[name] = models.guess(make, tables[table][about], y, fold)
        # What is too faint in a window may add up.
        scores["all, of whole blocks"] = models.together(
            list(scores.values()), block, fold)
        self.rows = [(name, models.auc_by_fold(y, got, fold),
                      *models.interval(y, got, block, fold))
                     for name, got in scores.items()]
        self.chance = models.chance(y, list(scores.values()), block,
                                    fold)


def tables_of(sights, windows):
    return {"window": features.each_window(sights, windows,
                                           features.window_features),
            "raw": features.each_window(sights, windows,
                                        features.raw_sequence)}


def say(text=""):
    print(text, flush=True)


def progress(text):
    print("  judge: " + text, file=sys.stderr, flush=True)


def show(title, findings):
    """A row a model, a column a question."""
    say(f"{title:34s}" + "".join(f"{task:>24s}" for task in findings))
    first = next(iter(findings.values()))
    for i, (name, *_) in enumerate(first.rows):
        cells = ""
        for finding in findings.values():
            _, value, low, high = finding.rows[i]
            cells += f"      {value:.3f} [{low:.3f} {high:.3f}]"[-24:]
        say(f"  {name:32s}{cells}")
    say(f"  {'as good by chance':32s}"
        + "".join(f"{f.chance:24.3f}" for f in findings.values()))


def all_tasks(tables, windows, kind):
    names = [n for n in models.MODELS if models.MODELS[n][1] in tables]
    return {task: Finding(tables, windows, kind, task, names)
            for task in TASKS}


# ---- what is seen without any training

def show_traffic(recordings):
    say(f"{'bytes a second on the wire':34s}"
        + "".join(f"{'of ' + side + ', ' + what:>24s}" for side in SIDES
                  for what in ("silence", "talk")))
    for recording in recordings:
        cells = []
        for side in range(2):
            for silent in (True, False):
                total = seconds = 0
                for kind, begin, end in recording.blocks:
                    if (kind == "silence") != silent:
                        continue
                    rows = plants.rows_in(recording.ns[side], [(begin, end)])
                    total += recording.seen["bytes"][
                        recording.rows[side][rows]].sum()
                    seconds += (end - begin) / 1e9
                cells.append(f"{total / seconds:24.0f}")
        say(f"  {recording.name:32s}" + "".join(cells))
    for recording in recordings:
        shapes = {tuple(int(v) for v in row) for s in range(2)
                  for row in features.Sight(recording).shape[s][:, :6]}
        say(f"  {recording.name}: (bytes, TTL, TOS, id, fragment, protocol): "
            + ", ".join(map(str, sorted(shapes)[:6]))
            + f"; slots missed {recording.missed['a']} and "
            f"{recording.missed['b']} of "
            f"{len(recording.ns[0]) + len(recording.ns[1])}"
            f"; unseen by the tap {recording.unseen}")


def show_lateness(recordings, late):
    """The thief's table: microseconds behind the moment."""
    say(f"{'late behind the moment, us':34s}"
        + "".join(f"{q:>12s}" for q in ("median", "90 %", "99 %", "99.9 %",
                                        "most", "frames")))
    for machine in sorted({r.machine for r in recordings}):
        for side in range(2):
            for kind in KINDS:
                values = [late[i][side][plants.rows_in(
                    r.ns[side], [b[1:] for b in r.blocks if b[0] == kind])]
                    for i, r in enumerate(recordings) if r.machine == machine]
                values = np.concatenate(values) / 1e3
                if len(values) == 0:
                    continue
                cells = "".join(f"{q:12.1f}" for q in np.quantile(
                    values, (0.5, 0.9, 0.99, 0.999, 1)))
                name = f"{machine}, {SIDES[side]}'s frames, {kind}"
                say(f"  {name:32s}{cells}{len(values):12d}")


# ---- the judge is tried

def smallest(ladder, attempt):
    """The first of a ladder that is caught; each with what it scored."""
    tried = []
    for step in ladder:
        finding = attempt(step)
        best = max(row[1] for row in finding.rows)
        tried.append((step, best, finding.chance))
        if finding.chance <= CAUGHT:
            return step, tried
    return None, tried


def show_smallest(name, unit, found):
    step, tried = found
    say(f"  {name:46s} "
        + (f"seen from {step} {unit} on" if step is not None else
           f"not seen at any size tried, up to {tried[-1][0]} {unit}")
        + "   (" + ", ".join(f"{s}: {best:.2f}" for s, best, _ in tried) + ")")


class Trial:
    """Real recordings whose labels were shuffled, so that they leak nothing,
    and leaks of known size put in."""

    def __init__(self, recordings, windows, late, tables):
        self.recordings, self.windows = recordings, windows
        self.late_by = late
        # Labels that seem to fit by chance would help to find what is put in.
        for seed in SHUFFLES:
            self.kind = plants.shuffled_kinds(windows, seed)
            if self.find(tables).chance > BY_CHANCE:
                break
        self.blocks = plants.talk_blocks(recordings, windows, self.kind)
        _, self.talk = task_of(self.kind, "talk or silence")

    def find(self, tables):
        names = [n for n in models.MODELS if models.MODELS[n][1] in tables
                 and n != "random forest"]
        return Finding(tables, self.windows, self.kind, "talk or silence",
                       names)

    def find_in(self, sights):
        return self.find(tables_of(sights, self.windows))

    def late(self, make_sight, us):
        return self.find_in([
            plants.delayed(make_sight(i, r), self.blocks[i], us * 1000)
            for i, r in enumerate(self.recordings)])

    def late_for_thief(self, us):
        sights = [features.Sight(r) for r in self.recordings]
        late = [[self.late_by[i][side] + us * 1000 * plants.rows_in(
            r.ns[side], self.blocks[i]) for side in range(2)]
            for i, r in enumerate(self.recordings)]
        return self.find({"window": features.late_features(
            late, sights, self.windows)})

    def enlarge(self, every):
        return self.find_in([
            plants.enlarged(features.Sight(r), self.blocks[i], every)
            for i, r in enumerate(self.recordings)])

    def lean(self, shares, bias):
        counts = np.full(len(self.windows), WINDOW_SLOTS)
        return self.find({"bits": plants.lean(
            shares, counts, self.talk == 1, BIT, bias, 3)})


def try_judge(recordings, windows, late, tables):
    trial = Trial(recordings, windows, late, tables)
    say("planted leaks (smallest seen; best AUC of each size)")
    show_smallest("late in talk, this line", "us", smallest(
        DELAYS_US, lambda us: trial.late(lambda i, r: features.Sight(r), us)))
    if late is not None:
        show_smallest("late in talk, a line at fixed intervals", "us", smallest(
            DELAYS_US, lambda us: trial.late(
                lambda i, r: plants.metronome_sight(r, late[i]), us)))
        show_smallest("late in talk, for a thief of the slot keys", "us",
                      smallest((1, 2, 3) + DELAYS_US, trial.late_for_thief))
    show_smallest("a bigger frame, one in", "frames",
                  smallest(ENLARGED_EVERY, trial.enlarge))
    show_smallest("a bit that leans, by", "of 1", smallest(
        BIASES, lambda bias: trial.lean(tables["bits"], bias)))
    say()


def judge_machine(machine, recordings, windows, late):
    sights = [features.Sight(r) for r in recordings]
    progress(f"{machine} machine: {len(windows)} windows")
    tables = tables_of(sights, windows)
    tables["bits"] = features.bit_shares(recordings, sights, windows)
    real = all_tasks(tables, windows, windows.kind)
    show(f"{machine} machine", real)
    for r, recording in enumerate(recordings):
        part = windows.recording == r
        one = Windows([recording])
        rows = {task: Finding({"window": tables["window"][part]}, one,
                              one.kind, task, ["boosted trees"])
                for task in TASKS}
        show(f"{machine} machine, seed {recording.seed} alone", rows)

    progress("controls")
    shuffled = all_tasks(tables, windows, plants.shuffled_kinds(windows, 5))
    show("control: shuffled labels", shuffled)
    ideal = all_tasks(tables_of([plants.ideal_sight(r, 1) for r in recordings],
                                windows), windows, windows.kind)
    show("control: an ideal sender", ideal)
    if late is not None:
        show("thief of the slot keys", all_tasks(
            {"window": features.late_features(late, sights, windows)},
            windows, windows.kind))
        show("reference: fixed intervals", all_tasks(tables_of(
            [plants.metronome_sight(r, late[i])
             for i, r in enumerate(recordings)], windows), windows,
            windows.kind))

    progress("planted leaks")
    try_judge(recordings, windows, late, tables)
    return real


def main():
    recordings = read_folder(sys.argv[1])
    if not recordings:
        sys.exit("judge: no recordings")
    show_traffic(recordings)
    late = [[late_ns(r, side) for side in range(2)] for r in recordings]
    stolen = all(part is not None for each in late for part in each)
    if stolen:
        show_lateness(recordings, late)
    say()
    verdicts = []
    for machine in ("idle", "busy"):
        which = [i for i, r in enumerate(recordings) if r.machine == machine]
        if not which:
            continue
        part = [recordings[i] for i in which]
        found = judge_machine(machine, part, Windows(part),
                              [late[i] for i in which] if stolen else None)
        verdicts += [(machine, task, f.chance) for task, f in found.items()]
    for machine, task, chance in verdicts:
        # One in twenty runs may say so of a line that is quiet.
        word = "SEEN" if chance < 0.05 / len(verdicts) else "not seen"
        say(f"verdict: {machine} machine, {task}: {word} "
            f"(as good by chance: {chance:.3f})")


if __name__ == "__main__":
    main()
