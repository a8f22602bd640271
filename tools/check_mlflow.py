"""Follows a run by the real server of MLflow, and reads it back with MLflow's own client.

    python tools/check_mlflow.py        # from the root of the repository

It needs `mlflow` and, to open the model that was kept, `keras` (`pip install mlflow keras tensorflow`; without Keras the model is not opened).
"""
import json
import math
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import mlflow


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(uri, server):
    for _ in range(240):
        assert server.poll() is None, "the server ended"
        try:
            urllib.request.urlopen(f"{uri}/health", timeout=2)
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the server did not begin")


def check(uri):
    printed = subprocess.run(["npx", "tsx", "tools/followByMlflow.ts", uri], check=True, capture_output=True, text=True).stdout
    history = json.loads(printed)
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("weather")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED" and run.info.run_name == "first", run.info
    assert run.data.params == {"epochs": "3", "steps": "1", "learning_rate": run.data.params["learning_rate"], "units": "4"}, run.data.params
    assert abs(float(run.data.params["learning_rate"]) - 1e-3) < 1e-9
    assert run.data.tags["team"] == "a"
    for name in ("loss", "val_loss", "mae", "val_mae"):
        kept = client.get_metric_history(run.info.run_id, name)
        assert [(each.step, each.value) for each in kept] == list(enumerate(history[name])), name
    assert all(math.isnan(each.value) for each in client.get_metric_history(run.info.run_id, "odd"))
    mlflow.set_tracking_uri(uri)
    path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="model/model.keras", dst_path=tempfile.mkdtemp())
    print(f"MLflow {mlflow.__version__}: parameters, tags, {len(run.data.metrics)} metrics over 3 epochs, and the model")
    try:
        import keras
    except ImportError:
        print("skipped: the model is not opened, since Keras is not installed here")
        return
    keras.models.load_model(path).summary()


def main():
    uri = f"http://127.0.0.1:{free_port()}"
    folder = tempfile.mkdtemp()
    place = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", f"{folder}/artifacts"]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", uri.split(":")[-1], "--workers", "1", *place]
    with open(f"{folder}/log", "w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(uri, server)
        check(uri)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
