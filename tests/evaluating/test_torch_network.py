"""What ``model.path`` may name, and the sentence for everything else that people give it."""

import logging
import pickle
import warnings
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from resemblance import checkpoints
from resemblance.errors import ConfigurationError, DataError
from resemblance.evaluating.torch_network import first_line, torch_network


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def scripted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own word on TorchScript
        torch.jit.script(nn.Flatten()).save("net.pt")


def exported():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(nn.Flatten(), (torch.zeros(2, 3, 4, 4),)), "net.pt2")


def test_a_script_is_loaded_without_a_word():
    scripted()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = torch_network("net.pt")
    assert network(torch.ones(2, 3, 4, 4)).shape == (2, 48)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DataError, match="is a TorchScript network and no checkpoint; measure it with model=torch"):
            checkpoints.read(Path("net.pt"))


def test_other_files_are_called_what_they_are(caplog, capfd):
    exported()
    state = nn.Linear(2, 2).state_dict()
    torch.save(state, "state.pt")
    torch.save({"state_dict": state, "epoch": 3}, "wrapped.pt")
    torch.save(state, "legacy.pt", _use_new_zipfile_serialization=False)
    save_file(state, "state.safetensors")
    for name in ("state.pt", "wrapped.pt", "legacy.pt", "state.safetensors"):
        with pytest.raises(DataError, match=f"'{name}' is a state dict, which holds weights by name and no network"):
            torch_network(name)
    torch.save(nn.Linear(2, 2), "pickled.pt")
    torch.save(nn.Linear(2, 2), "old.pt", _use_new_zipfile_serialization=False)
    for name in ("pickled.pt", "old.pt"):
        with pytest.raises(DataError, match=f"'{name}' is a pickle that could run any code"):
            torch_network(name)
    Path("junk.pt").write_bytes(b"nonsense")
    Path("empty.pt").write_bytes(b"")
    Path("cut.pt2").write_bytes(Path("net.pt2").read_bytes()[:2000])
    Path("list.pt").write_bytes(pickle.dumps([1]))
    torch.save(torch.zeros(2), "tensor.pt")
    for name in ("junk.pt", "empty.pt", "cut.pt2", "list.pt", "tensor.pt"):
        with pytest.raises(DataError, match=f"'{name}' can't be read as TorchScript or as a torch.export file;"):
            torch_network(name)
    with zipfile.ZipFile("net.pt2") as whole, zipfile.ZipFile("hollow.pt2", "w") as hollow:
        for name in whole.namelist():
            hollow.writestr(name, b"x" if name.endswith(".json") else whole.read(name))
    with pytest.raises(DataError, match="'hollow.pt2' can't be read as TorchScript or as a torch.export file \\("):
        torch_network("hollow.pt2")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not capfd.readouterr().err
    assert logging.getLogger("torch.export").level == logging.NOTSET


@pytest.mark.parametrize(
    ("body", "target", "sentence"),
    [
        (
            "def build():\n    raise RuntimeError('no weights\\nin sight')",
            ":build",
            "raised RuntimeError: no weights; HY",
        ),
        ("def build(size):\n    pass", ":build", "has raised TypeError: build"),
        ("def build():\n    import nowhere", ":build", "has raised ModuleNotFoundError: No module named 'nowhere'; HY"),
        ("import nowhere", ":build", "has raised ModuleNotFoundError"),
        ("1 / 0", ":build", "has raised ZeroDivisionError: division by zero"),
        ("def build(:", ":build", "has raised SyntaxError"),
        ("", ":build", "can't be imported (module '{name}' has no attribute 'build'); it names package.module"),
        ("", "s:build", "can't be imported (No module named '{name}s')"),
    ],
)
def test_what_a_function_raises_is_one_sentence_with_its_type(request, body, target, sentence):
    name = f"network_{abs(hash(request.node.name))}"  # a module is imported once
    Path(f"{name}.py").write_text(body + "\n")
    with pytest.raises(ConfigurationError) as caught:
        torch_network(f"{name}{target}")
    told = str(caught.value)
    assert sentence.format(name=name) in told
    assert "\n" not in told
    assert told.endswith(".")


def test_a_long_error_of_somebody_else_ends_after_a_whole_part():
    sentence = "An error happened while a file was looked for, and it is not in the cache"
    assert first_line(OSError(f"{sentence}. {'Please check your connection. ' * 9}\nMore.")).startswith(sentence)
    assert first_line(OSError(f"{sentence}. {'Please check your connection. ' * 9}")).endswith("your connection")
    assert first_line(OSError("word " * 90)).endswith("word …")
    assert first_line(OSError("A short one.\nMore.")) == "A short one"
    assert first_line(OSError()) == "OSError"
