"""Every family of methods on one sample: a bump in one of six features, found by a convolution and self-attention."""

import os
import sys

import keras
import matplotlib.pyplot as plt
import numpy as np

import thesis_rnn

METHODS = (
    "sensitivity",
    "saliency",
    "smoothgrad",
    "guided_backprop(signed=true)",
    "deconvolution",
    "gradient_x_input",
    "lrp_epsilon(epsilon=0.01)",
    "attn_lrp(epsilon=0.01)",
    "integrated_gradients",
    "expected_gradients",
    "gradient_shap",
    "shapley(players=segments, size=10)",
    "kernel_shap(players=cells, samples=2000)",
    "permutation_shap(players=cells)",
    "lime(players=blocks, size=3)",
    "occlusion(unit=cells)",
    "erasure(players=cells)",
    "minimal_erasure(players=cells)",
    "input_reduction(players=cells)",
    "learned_mask(area=0.05)",
    "extremal_mask(areas=(0.03, 0.1))",
    "counterfactual",
    "cam",
    "grad_cam",
    "grad_cam_plus_plus",
    "attention",
    "attention_rollout",
    "attention_x_gradient",
)

rng = np.random.default_rng(0)
x, y = rng.normal(0, 0.3, (1200, 30, 6)).astype("float32"), rng.integers(0, 3, 1200)
start = rng.integers(0, 24, 1200)
for series, feature, step in zip(x, 2 * y, start, strict=True):
    series[step : step + 6, feature] += 1.5  # class c is a bump in feature 2c, anywhere in time

keras.utils.set_random_seed(0)
inputs = keras.Input((30, 6))
maps = keras.layers.Conv1D(12, 5, padding="same", activation="relu")(inputs)
maps = keras.layers.Add()([maps, keras.layers.MultiHeadAttention(2, 6)(maps, maps)])
maps = keras.layers.LayerNormalization()(maps)
outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.GlobalAveragePooling1D()(maps))
model = keras.Model(inputs, outputs)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1000], y[:1000], epochs=15, verbose=0)
print("accuracy", model.evaluate(x[1000:], y[1000:], verbose=0)[1])

sample, data, target = x[1000:1001], x[:40], int(y[1000])
figure, axes = plt.subplots(5, 6, figsize=(12, 6), sharex=True, sharey=True, layout="constrained")
axes = axes.ravel()
axes[0].imshow(sample[0].T, cmap="gray_r", aspect="auto")
axes[0].set_title("input", fontsize=7)
for axis, method in zip(axes[1:], METHODS, strict=False):
    takes_data = method.startswith(("expected", "gradient_shap", "counterfactual"))
    more = {"background": data} if takes_data else {}
    relevance = thesis_rnn.explain(model, sample, target, method, **more).relevance[0].T
    largest = np.abs(relevance).max() or 1
    axis.imshow(relevance, cmap="seismic", vmin=-largest, vmax=largest, aspect="auto")
    axis.set_title(method.partition("(")[0], fontsize=7)
for axis in axes[1 : len(METHODS) + 1]:
    box = plt.Rectangle((start[1000] - 0.5, 2 * target - 0.5), 6, 1, fill=False, color="black", linewidth=0.8)
    axis.add_patch(box)
for axis in axes[len(METHODS) + 1 :]:
    axis.axis("off")
axes[0].set(xticks=[0, 29], yticks=[])
figure.supxlabel("step", fontsize=8)
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.getcwd(), "every_method.png"), dpi=110)
