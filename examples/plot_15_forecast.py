"""
The weather in six hours
========================

A forecast is worth something if it beats what one can say without a model: "as now", "as at this time yesterday", or a
linear regression. This page forecasts the temperature six hours ahead, from the weather of the last 24 hours, with two
kinds of layers for sequences: a recurrent one, ``GRU``, and a convolution along time, ``Conv1D``.
"""

import datafiles
import matplotlib.pyplot as plt
import numpy as np

import numbanet as nn
from numbanet import layers
from numbanet.typing import Array

EPOCHS, PAST, AHEAD = 6, 24, 6

weather = datafiles.weather()
temperature = weather[:, 0]
figure, axes = plt.subplots(2, 1, figsize=(9, 5), layout="constrained")
axes[0].plot(np.arange(len(weather)) / 24, temperature, linewidth=0.5)
axes[0].set(title="LaGuardia airport, 2013", xlabel="day", ylabel="°C")
axes[1].plot(np.arange(240) / 24 + 100, temperature[2400:2640])
axes[1].set(title="ten of these days", xlabel="day", ylabel="°C")
# picture: Temperatures of a year, and of ten days of it
plt.show()

# %%
# A sample is a window of 24 hours. Every fourth week is kept for testing, so that all seasons are tested. Windows that
# reach from a week of one kind into one of the other are left out: no hour of a test window, and no hour to be forecast
# there, is seen in training.

starts = np.arange(len(weather) - PAST - AHEAD + 1)
now, later = starts + PAST - 1, starts + PAST - 1 + AHEAD
is_test = np.arange(len(weather)) // (7 * 24) % 4 == 3
train = ~is_test[starts] & ~is_test[later]
test = is_test[starts] & is_test[later]
print(train.sum(), "windows to learn from,", test.sum(), "to test")

# %%
# The four measurements are scaled to mean 0 and standard deviation 1. The time of day is added as a place on a circle,
# so that 23 o'clock is beside 0 o'clock. What is to be learnt is how much warmer it will be: where nothing is learnt,
# the forecast is "as now".

known = weather[~is_test]
hour = np.arange(len(weather)) * 2 * np.pi / 24
scaled = (weather - known.mean(axis=0)) / known.std(axis=0)
features = np.column_stack([scaled, np.sin(hour), np.cos(hour)]).astype(np.float32)
windows = features[starts[:, None] + np.arange(PAST)]
change = temperature[later] - temperature[now]
print("windows, hours, features:", windows.shape)

# %%
# The baselines first:

truth = temperature[later][test]
errors: dict[str, Array] = {}


def report(name: str, forecast: Array) -> None:
    """Print how many degrees a forecast of the test hours is wrong on average."""
    errors[name] = np.abs(forecast - truth)
    print(f"{name:>25}: {errors[name].mean():.2f} °C")


report("as now", temperature[now][test])
report("as at this time yesterday", temperature[later - 24][test])

# %%
# A linear regression has a weight for every number of the window:

columns = windows.reshape(len(windows), -1)
columns = np.column_stack([columns, np.ones(len(columns))])
weights = np.linalg.lstsq(columns[train], change[train])[0]
report("linear regression", temperature[now][test] + columns[test] @ weights)

# %%
# The convolution looks for patterns of six hours, then for patterns of these. The GRU goes through the window hour by
# hour, and its state after the last hour is what the forecast is made from.

convolution = nn.Sequential(
    [
        layers.Conv1D(32, 6, activation="relu"),
        layers.AveragePooling1D(2),
        layers.Conv1D(32, 6, activation="relu"),
        layers.Flatten(),
        layers.Dense(1),
    ]
)
gru = nn.Sequential([layers.GRU(32), layers.Dense(1)])
forecasts = {}
for name, model in [("Conv1D", convolution), ("GRU", gru)]:
    model.compile(nn.optimizers.Adam(0.003), "mean_squared_error")
    model.fit(
        windows[train], change[train], batch_size=64, epochs=EPOCHS, verbose=0, rng=0
    )
    learnt = model.predict(windows[test], verbose=0)[:, 0]
    forecasts[name] = temperature[now][test] + learnt
    report(name, forecasts[name])

# %%
# Most of what can be known is in the linear part: the air warms up in the morning. The GRU adds something to it, which
# is little beside what nobody knows from the last day at one place. Here are the forecasts for five test days, and how
# often which error is made:

figure, axes = plt.subplots(2, 1, figsize=(9, 7), layout="constrained")
days = slice(0, 120)
axes[0].plot(truth[days], color="black", label="measured")
axes[0].plot(temperature[now][test][days], ":", color="0.5", label="as now")
axes[0].plot(forecasts["GRU"][days], color="C3", label="GRU, six hours before")
axes[0].set(xlabel="hour", ylabel="°C")
axes[0].legend()
for name, error in errors.items():
    axes[1].plot(np.sort(error), np.linspace(0, 100, len(error)), label=name)
axes[1].set(xlabel="error at most, °C", ylabel="% of the forecasts", xlim=(0, 8))
axes[1].legend()
# picture: Forecasts beside what was measured, and how often which error is made
plt.show()
