"""Reads what hornbeam writes for TensorBoard with the real TensorBoard, and compares the tags with those of Keras' callback.

    npx tsx tools/writeBoard.ts /tmp/boards
    python tools/check_tensorboard.py /tmp/boards [--fixtures]

It needs `tensorboard` and Keras on TensorFlow (`pip install tensorboard tensorflow keras`). With `--fixtures` it copies the files that it read to
test/callbacks/tracking/fixtures, and beside them what TensorBoard found in them: `npm test` holds the bytes to these.
"""
import glob
import json
import os
import shutil
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto import graph_pb2
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util


plugins = ("scalars", "histograms", "images", "text", "hparams", "graph_keras_model")


def content(folder):
    """All that TensorBoard finds in a folder of runs, as plain data."""
    multiplexer = EventMultiplexer(tensor_size_guidance={plugin: 0 for plugin in plugins}).AddRunsFromDirectory(folder)
    multiplexer.Reload()
    found = {}
    for run in sorted(multiplexer.Runs()):
        accumulator = multiplexer.GetAccumulator(run)
        found[run] = {}
        tags = {}
        for tag in accumulator.Tags()["tensors"]:
            metadata = accumulator.SummaryMetadata(tag)
            plugin = metadata.plugin_data.plugin_name
            if plugin == "graphs":
                (event,) = accumulator.Tensors(tag)
                found[run]["graph"] = graph_of(tensor_util.make_ndarray(event.tensor_proto).item(0))
                continue
            values = [[event.step, value(plugin, metadata, event)] for event in accumulator.Tensors(tag)]
            tags[tag] = {"plugin": plugin, "dataClass": metadata.data_class, "values": values}
        found[run]["tags"] = tags
    return {"" if run == "." else run: each for run, each in found.items()}


def value(plugin, metadata, event):
    if plugin == "hparams":
        data = plugin_data_pb2.HParamsPluginData.FromString(metadata.plugin_data.content)
        assert data.version == 0
        if data.HasField("session_end_info"):
            return {"status": data.session_end_info.status, "end": data.session_end_info.end_time_secs}
        info = data.session_start_info
        kinds = {"number_value", "string_value", "bool_value"}
        read = {name: getattr(each, each.WhichOneof("kind")) for name, each in info.hparams.items() if each.WhichOneof("kind") in kinds}
        return {"hyperparameters": dict(sorted(read.items())), "group": info.group_name, "start": info.start_time_secs}
    array = tensor_util.make_ndarray(event.tensor_proto)
    if array.dtype == object:
        texts = array.tolist()
        return [len(each) if plugin == "images" and i > 1 else each.decode() for i, each in enumerate(texts)]
    return array.tolist()


def graph_of(data):
    """The nodes of a GraphDef."""
    return [
        {
            "name": node.name,
            "kind": node.op,
            "inputs": list(node.input),
            "shapes": [[dim.size for dim in shape.dim] for shape in node.attr["_output_shapes"].list.shape],
        }
        for node in graph_pb2.GraphDef.FromString(data).node
    ]


def keras_tags():
    """The tags of Keras' own callback for the model and the options of `trained`."""
    import keras

    folder = tempfile.mkdtemp()
    model = keras.Sequential([keras.Input([5, 3]), keras.layers.LSTM(8, name="lstm"), keras.layers.Dense(1, name="dense")], name="net")
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    board = keras.callbacks.TensorBoard(folder, update_freq="batch", histogram_freq=1, write_steps_per_second=True)
    x, y = np.random.randn(64, 5, 3), np.random.randn(64, 1)
    model.fit(x, y, epochs=2, validation_split=0.25, callbacks=[board], verbose=0)
    return content(folder)


def shape_of_run(run):
    """Which tags there are, by which plugin, at which steps; names of weights in one spelling."""
    spelt = lambda tag: tag.replace("recurrentKernel", "recurrent_kernel")
    tags = {}
    for tag, each in run["tags"].items():
        if each["plugin"] in ("graph_keras_model", "images"):
            continue
        tag = spelt(tag)
        # Keras prefixes the model, and the cell of a recurrent layer.
        if each["plugin"] == "histograms":
            tag = tag.removeprefix("net/").replace("lstm_cell/", "")
        tags[tag] = (each["plugin"], each["dataClass"], [step for step, _ in each["values"]])
    return tags


def main(folder, fixtures):
    made, trained = content(f"{folder}/made"), content(f"{folder}/trained")
    ours = {run: shape_of_run(each) for run, each in trained.items()}
    theirs = {run: shape_of_run(each) for run, each in keras_tags().items()}
    for run in sorted({*ours, *theirs}):
        for tag in sorted({*ours.get(run, {}), *theirs.get(run, {})}):
            a, b = ours.get(run, {}).get(tag), theirs.get(run, {}).get(tag)
            assert a == b, f"{run}: {tag}: hornbeam has {a}, Keras {b}"
    print(f"trained: the {sum(map(len, ours.values()))} tags of Keras, by the same plugins at the same steps")

    gates = np.array(made["train"]["tags"]["gates"]["values"][0][1])
    assert gates.shape == (30, 3) and gates[0, 2] == 3 and gates[29, 2] == 1, gates
    assert made["train"]["tags"]["norm"]["values"] == [[2**40, 2.5]]
    assert made["train"]["graph"][1]["inputs"] == ["series"], made["train"]["graph"]
    print(f"made: {sum(len(each['tags']) for each in made.values())} tags, read back")
    if fixtures:
        target = os.path.join(os.path.dirname(__file__), "../test/callbacks/tracking/fixtures")
        for run in made:
            (path,) = glob.glob(f"{folder}/made/{run}/events.out.tfevents.*")
            shutil.copy(path, f"{target}/{run or 'root'}.tfevents")
        import tensorboard

        with open(f"{target}/read.json", "w") as file:
            json.dump({"tensorboard": tensorboard.__version__, "runs": made}, file, ensure_ascii=False)
            file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1], "--fixtures" in sys.argv)
