"""The same training by Keras over tf.data, which reads the zip image by image and keeps the decoded bytes, as the trainer does."""

import csv
import io
import json
import resource
import sys
import time
import zipfile

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

folder, epochs, batch_size, file = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
validation_share = 0.15


def labels_of(part):
    with open(f"{folder}/{part}_labels.csv") as table:
        return [int(row["label"]) for row in csv.DictReader(table)]


def samples(part, places):
    labels = labels_of(part)

    def generate():
        with zipfile.ZipFile(f"{folder}/{part}_images.zip") as archive:
            for place in places:
                yield np.asarray(Image.open(io.BytesIO(archive.read(f"{place}.png"))))[..., None], labels[place]

    signature = (tf.TensorSpec((28, 28, 1), tf.uint8), tf.TensorSpec((), tf.int64))
    return tf.data.Dataset.from_generator(generate, output_signature=signature)


def scaled(dataset):
    return dataset.batch(batch_size).map(lambda x, y: (tf.cast(x, tf.float32) / 127.5 - 1, y)).prefetch(2)


order = np.random.default_rng(1).permutation(len(labels_of("training")))
validation_count = round(validation_share * len(order))
training = scaled(samples("training", order[validation_count:]).cache().shuffle(10_000, seed=1))
validation = scaled(samples("training", order[:validation_count]).cache())
test = scaled(samples("testing", range(len(labels_of("testing")))))
model = keras.Sequential([
    keras.layers.Input((28, 28, 1)),
    keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
seen = []


class Watch(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        with open("/proc/self/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        seen.append({"residentMiB": resident / 1024, "seconds": time.perf_counter() - self.started})


model.fit(training, validation_data=validation, epochs=epochs, callbacks=[Watch()], verbose=0)
model.evaluate(test, verbose=0)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with open(file, "w") as results:
    json.dump({"epochs": seen, "peakMiB": peak}, results)
