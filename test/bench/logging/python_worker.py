"""The same work by MLflow's Python client: counts from the first call until everything is on the server."""

import json
import resource
import sys
import time

import mlflow
from mlflow.entities import Metric

orders = json.loads(sys.argv[1])
task, argument, run_id = orders["task"], orders["argument"], orders["runId"]
client = mlflow.MlflowClient()
mlflow.start_run(run_id=run_id)
client.get_run(run_id)

started = time.perf_counter()
if task in ("single", "asynchronous"):
    for index in range(int(argument)):
        mlflow.log_metric(f"metric_{index % 10}", index / 7, step=index // 10, synchronous=task == "single")
elif task == "batch":
    count = int(argument)
    for start in range(0, count, 1000):
        now = int(time.time() * 1000)
        client.log_batch(
            run_id,
            metrics=[Metric(f"metric_{i % 10}", i / 7, now, i // 10) for i in range(start, min(start + 1000, count))],
        )
elif task == "artifact":
    client.log_artifact(run_id, argument)
elif task == "artifacts":
    client.log_artifacts(run_id, argument)
called = time.perf_counter()
if task == "asynchronous":
    mlflow.flush_async_logging()
ended = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": ended - started, "callSeconds": called - started, "peakMiB": peak}))
