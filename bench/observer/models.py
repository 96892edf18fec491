"""Owns guessing: classifiers, held-out guesses, and what they are worth."""

import warnings

import numpy as np
from sklearn.ensemble import (GradientBoostingClassifier,
                              RandomForestClassifier)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

RESAMPLES = 1000
FOLDS_MAX = 6

warnings.filterwarnings("ignore", category=ConvergenceWarning)
# Bits and sizes that never change have no variance to divide by.
warnings.filterwarnings("ignore", module="sklearn.feature_selection")


def boosted_trees():
    return GradientBoostingClassifier(
        n_estimators=80, max_depth=3, learning_rate=0.08, subsample=0.7,
        max_features="sqrt", random_state=1)


def random_forest():
    return RandomForestClassifier(
        n_estimators=200, min_samples_leaf=3, n_jobs=2, random_state=1)


def logistic():
    return make_pipeline(StandardScaler(),
                         LogisticRegression(C=0.05, max_iter=300))


def raw_network():
    return make_pipeline(StandardScaler(), MLPClassifier(
        (32,), alpha=1.0, max_iter=150, early_stopping=False, random_state=1))


def bit_logistic():
    return make_pipeline(SelectKBest(f_classif, k=8), StandardScaler(),
                         LogisticRegression(C=0.05, max_iter=300))


# What each is shown.
MODELS = {
    "boosted trees": (boosted_trees, "window"),
    "random forest": (random_forest, "window"),
    "logistic": (logistic, "window"),
    "raw intervals": (raw_network, "raw"),
    "bits": (bit_logistic, "bits"),
}


def folds_of(cycle):
    """Whole cycles, neighbours together: what is guessed was not trained on,
    nor anything that happened beside it."""
    names, which = np.unique(cycle, return_inverse=True)
    count = min(FOLDS_MAX, len(names))
    return which * count // len(names)


def guess(make, x, y, fold):
    """Scores of each window by a model that was trained on the other folds."""
    scores = np.zeros(len(y))
    for held in np.unique(fold):
        train, test = fold != held, fold == held
        model = make()
        model.fit(x[train], y[train])
        scores[test] = model.predict_proba(x[test])[:, 1]
    return scores


def ranks_of(scores):
    order = np.argsort(scores, kind="mergesort")
    ranks = np.empty(len(scores))
    _, first, count = np.unique(scores[order], return_index=True,
                                return_counts=True)
    ranks[order] = np.repeat(first + (count + 1) / 2, count)
    return ranks


def together(all_scores, block, fold):
    """One score a block: the mean rank, over models, of its windows."""
    ranks = np.zeros(len(block))
    for f in np.unique(fold):
        for scores in all_scores:
            ranks[fold == f] += ranks_of(scores[fold == f])
    for b in np.unique(block):
        ranks[block == b] = ranks[block == b].mean()
    return ranks


def auc(y, scores):
    """The chance that a window with y = 1 scores above one with y = 0."""
    ranks = ranks_of(scores)
    positive = int(y.sum())
    negative = len(y) - positive
    if positive == 0 or negative == 0:
        return np.nan
    return (ranks[y == 1].sum() - positive * (positive + 1) / 2) / \
        (positive * negative)


def auc_by_fold(y, scores, fold):
    """Scores of two folds come from two models: they are not compared."""
    return np.nanmean([auc(y[fold == f], scores[fold == f])
                       for f in np.unique(fold)])


def blocks_by_fold(block, fold):
    return [[np.flatnonzero(block == b) for b in np.unique(block[fold == f])]
            for f in np.unique(fold)]


def interval(y, scores, block, fold):
    """95 % of the AUC, by drawing blocks anew, of each answer as many."""
    rng = np.random.default_rng(1)
    strata = [[rows for rows in blocks if y[rows[0]] == answer]
              for blocks in blocks_by_fold(block, fold) for answer in (0, 1)]
    found = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([
            rows[i] for rows in strata
            for i in rng.integers(len(rows), size=len(rows))])
        found.append(auc_by_fold(y[drawn], scores[drawn], fold[drawn]))
    return np.quantile(found, (0.025, 0.975))


def chance(y, all_scores, block, fold):
    """How often the best of all models would look as good if they knew nothing:
    within each fold, blocks swap their labels."""
    rng = np.random.default_rng(2)
    held = blocks_by_fold(block, fold)
    best = max(auc_by_fold(y, s, fold) for s in all_scores)
    as_good = 0
    for _ in range(RESAMPLES):
        swapped = np.empty_like(y)
        for blocks in held:
            labels = rng.permutation([y[rows[0]] for rows in blocks])
            for rows, label in zip(blocks, labels):
                swapped[rows] = label
        as_good += max(auc_by_fold(swapped, s, fold)
                       for s in all_scores) >= best
    return (as_good + 1) / (RESAMPLES + 1)
