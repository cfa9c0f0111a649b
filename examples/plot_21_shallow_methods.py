"""
When a network is worth it
==========================

Before networks there were other ways to learn from examples, and they are still there. Here six of them and two networks
learn the same digits, from few images and from many, and then a small table of numbers. scikit-learn and LightGBM do what
is not numbanet's.
"""

import time

import lightgbm
import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import numbanet as nn
from numbanet.typing import Array

(x_train, y_train), (x_test, y_test) = nn.datasets.mnist.load_data()
x_train, x_test = (
    x.reshape(-1, 784).astype(np.float32) / 255 for x in (x_train, x_test)
)

# %%
# Networks have ``fit`` and ``predict``, too, so that all can be treated alike. The network of the textbook's first
# example has one hidden layer; the other one has convolutions, which know that neighbouring pixels belong together.


class Network:
    """A network with the methods of a scikit-learn classifier."""

    def __init__(
        self,
        layers: list[nn.layers.Layer],
        classes: int,
        epochs: int,
        batch_size: int = 128,
    ) -> None:
        last = nn.layers.Dense(classes, activation="softmax")
        self.model = nn.Sequential([*layers, last])
        self.model.compile(nn.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
        self.epochs, self.batch_size = epochs, batch_size

    def fit(self, x: Array, y: Array) -> None:
        self.model.fit(x, y, self.batch_size, self.epochs, verbose=0, rng=0)

    def predict(self, x: Array) -> Array:
        answers: Array = np.argmax(self.model.predict(x, verbose=0), axis=1)
        return answers


def dense(classes: int = 10, epochs: int = 10) -> Network:
    return Network([nn.layers.Dense(512, activation="relu")], classes, epochs)


def convnet() -> Network:
    return Network(
        [
            nn.layers.Reshape((28, 28, 1)),
            nn.layers.Conv2D(32, 3, activation="relu"),
            nn.layers.MaxPooling2D(2),
            nn.layers.Conv2D(64, 3, activation="relu"),
            nn.layers.MaxPooling2D(2),
            nn.layers.Flatten(),
            nn.layers.Dense(64, activation="relu"),
        ],
        classes=10,
        epochs=5,
    )


METHODS = {
    "naive Bayes": GaussianNB,
    "one tree": lambda: DecisionTreeClassifier(random_state=0),
    "logistic regression": lambda: LogisticRegression(C=0.1, max_iter=300),
    "boosted trees": lambda: lightgbm.LGBMClassifier(
        n_estimators=30, num_leaves=15, verbose=-1, n_jobs=1, random_state=0
    ),
    "random forest": lambda: RandomForestClassifier(random_state=0),
    "support vectors": lambda: SVC(C=5, gamma=0.02),
    "dense network": dense,
    "convolutional network": convnet,
}

# %%
# Each learns from 250, 1,000 and 4,000 images and is asked about the same 1,000 others.

SIZES = [250, 1_000, 4_000]
TESTED = slice(0, 1_000)
accuracy: dict[str, list[float]] = {name: [] for name in METHODS}
for name, make in METHODS.items():
    for size in SIZES:
        method = make()
        started = time.perf_counter()
        method.fit(x_train[:size], y_train[:size])
        seconds = time.perf_counter() - started
        answers = method.predict(x_test[TESTED])
        accuracy[name].append(float(np.mean(answers == y_test[TESTED])))
    right = accuracy[name][-1]
    print(f"{name:22} {right:.3f} after {SIZES[-1]:,} images, {seconds:.1f} s")

# %%
# The vertical axis is the share of wrong answers; both axes are logarithmic, so that equal distances are equal factors.

figure, ax = plt.subplots(figsize=(7.5, 5), layout="constrained")
for place, name in enumerate(METHODS):
    network = "network" in name
    wrong = 1 - np.array(accuracy[name])
    ax.plot(SIZES, wrong, "o-" if network else "s--", label=name, color=f"C{place}")
ax.set(
    xscale="log",
    yscale="log",
    xlabel="images to learn from",
    ylabel="share of wrong answers",
)
ax.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
ax.minorticks_off()
ax.set_yticks([0.02, 0.05, 0.1, 0.2, 0.5], ["2 %", "5 %", "10 %", "20 %", "50 %"])
ax.legend(fontsize="small")
# picture: Wrong answers of eight methods by images to learn from
plt.show()

# %%
# Up to 1,000 images, support vectors are best, and the convolutional network is among the last: it has much to learn.
# With 4,000 it is the best of all, because it is told something about images: neighbouring pixels belong together, and a
# stroke is a stroke wherever it is. The dense network knows nothing of that, and does no better than a random forest.
#
# A table of numbers
# ------------------
#
# Each of 569 rows describes a tumour by 30 numbers, and the question is whether it is malignant. There is nothing in the
# order of the columns that a network could be told, and there are few rows. Ten times, nine tenths are learnt from and
# one tenth is asked about.

FOLDS = 10
table = load_breast_cancer()
folds = list(
    StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(table.data, table.target)
)
TABULAR = {
    name: make for name, make in METHODS.items() if "convolutional" not in name
} | {"dense network": lambda: dense(classes=2, epochs=20)}
found: dict[str, list[float]] = {name: [] for name in TABULAR}
for learnt, asked in folds:
    scaler = StandardScaler().fit(table.data[learnt])
    scaled = scaler.transform(table.data).astype(np.float32)
    for name, make in TABULAR.items():
        method = make()
        method.fit(scaled[learnt], table.target[learnt])
        answers = method.predict(scaled[asked])
        found[name].append(float(np.mean(answers == table.target[asked])))

figure, ax = plt.subplots(figsize=(7.5, 4), layout="constrained")
names = sorted(TABULAR, key=lambda name: np.mean(found[name]))
ax.boxplot([found[name] for name in names], orientation="horizontal", tick_labels=names)
ax.set(xlabel=f"share of right answers, {FOLDS} folds")
# picture: Right answers of seven methods in ten folds, as boxes
plt.show()
for name in reversed(names):
    print(f"{name:20} {np.mean(found[name]):.3f}")

# %%
# The best ones cannot be told apart: their boxes overlap, and one row more or less is 1.8 % of a fold. Logistic
# regression is among them, which takes a millisecond and says what each column counts for. So: for rows of a table, begin
# with logistic regression and boosted trees. For images, sequences and whatever has a structure that layers can be
# given, a network is worth it, and the more so the more data there are.
