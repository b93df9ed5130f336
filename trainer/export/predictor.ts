/** File of the model's folder that predicts on its own. */
export const predictorFile = 'predictor.py';

/** A program, and a class to import, that predicts with the model it lies beside, whatever format serves it. */
export const predictorProgram = `"""Predicts with the model in this folder.

    python predictor.py < serving_input_example.json

The request is {"inputs": ...}: examples of the shape and preprocessing that classes.json tells. The answer has what the
model gives for each of them, and the names of the classes where it tells classes. requirements.txt lists the packages.
"""

import contextlib
import json
import pathlib
import sys

import mlflow
import numpy as np


class Predictor:
    def __init__(self, folder=pathlib.Path(__file__).parent):
        self.model = mlflow.pyfunc.load_model(str(folder))
        self.description = json.loads((pathlib.Path(folder) / "classes.json").read_text())

    def predict(self, inputs):
        """What the model gives for an array of examples, or for {"input": array}, as an array."""
        inputs = np.asarray(inputs["input"] if isinstance(inputs, dict) else inputs, dtype="float32")
        is_named = self.model.metadata.get_input_schema().has_input_names()
        # Keras tells its progress on the standard output, which belongs to the answer.
        with contextlib.redirect_stdout(sys.stderr):
            output = self.model.predict({"input": inputs} if is_named else inputs)
        output = np.asarray(output["output"] if isinstance(output, dict) else output)
        # MLflow makes a flat list of a SavedModel's single numbers.
        return output.reshape(len(inputs), *self.description["output_shape"])

    def classes(self, predictions):
        """The name of each example's class; None where the model tells no classes."""
        names = self.description["class_names"]
        if not names:
            return None
        threshold = self.description["threshold"]
        labels = predictions.argmax(axis=1) if threshold is None else (predictions[:, 0] >= threshold).astype(int)
        return [names[label] for label in labels]


def main():
    predictor = Predictor()
    predictions = predictor.predict(json.load(sys.stdin)["inputs"])
    json.dump({"predictions": predictions.tolist(), "classes": predictor.classes(predictions)}, sys.stdout)


if __name__ == "__main__":
    main()
`;
