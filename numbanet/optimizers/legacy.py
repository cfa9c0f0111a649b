"""The optimizers again, under the name that Keras has for those of its older versions; the update rules are the same.

Only the names of arguments are those of Keras 3: `RMSprop(lr=0.1)` is an error, which says what to write.

Examples
--------
>>> import numbanet as nn
>>> nn.optimizers.legacy.Adam is nn.optimizers.Adam
True
"""

from typing import TYPE_CHECKING

from numbanet.core.missing import only
from numbanet.optimizers.adagrad import Adagrad as Adagrad
from numbanet.optimizers.adam import Adam as Adam
from numbanet.optimizers.nadam import Nadam as Nadam
from numbanet.optimizers.rmsprop import RMSprop as RMSprop
from numbanet.optimizers.sgd import SGD as SGD

__all__ = ["SGD", "Adagrad", "Adam", "Nadam", "RMSprop"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = only("nn.optimizers.legacy", __all__, {})
