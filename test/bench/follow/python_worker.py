"""The same steps with MLflow's Python client inside the training: `python_worker.py VALUES RESULTS [quiet]`."""

import json
import sys
import time

import mlflow

values, results = int(sys.argv[1]), sys.argv[2]
quiet = len(sys.argv) > 3
values_per_step, work_per_step = 10, 2_000

if not quiet:
    mlflow.start_run()
started = time.perf_counter()
state = 1
for step in range(values // values_per_step):
    for _ in range(work_per_step):
        state = (state * 1103515245 + 12345) % 2147483648
    if not quiet:
        metrics = {f"metric_{key}": state / (key + 7) for key in range(values_per_step)}
        mlflow.log_metrics(metrics, step=step, synchronous=False)
seconds = time.perf_counter() - started
ended_at_ms = int(time.time() * 1000)
if not quiet:
    mlflow.flush_async_logging()
    mlflow.end_run()
arrived = time.perf_counter() - started
with open(results, "w") as file:
    json.dump({"seconds": seconds, "arrivedSeconds": arrived, "endedAtMs": ended_at_ms}, file)
