"""LFW as tiny made-up archives in every layout."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

TRAIN = {f"Train_{letter}": 1 + index % 4 for index, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
TEST = {f"Probe_{letter}": 1 + index % 4 for index, letter in enumerate("ABCDEFGHIJKLMNOP")}
LISTS = {
    "peopleDevTrain.txt": f"{len(TRAIN)}\n" + "".join(f"{name}\t{count}\n" for name, count in TRAIN.items()),
    "peopleDevTest.txt": f"{len(TEST)}\n" + "".join(f"{name}\t{count}\n" for name, count in TEST.items()),
    "pairsDevTest.txt": "2\nProbe_D\t1\t4\nProbe_H\t2\t3\nProbe_A\t1\tProbe_B\t2\nProbe_C\t3\tProbe_D\t1\n",
}


def jpeg(size: int, seed: int) -> bytes:
    """One colour, a frame of another around the central three quarters."""
    pixels = np.full((size, size, 3), seed * 7 % 200 + 20, dtype=np.uint8)
    frame = size // 16
    pixels[:frame] = pixels[-frame:] = pixels[:, :frame] = pixels[:, -frame:] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def images(size: int = 112) -> dict[str, bytes]:
    names = [
        f"{name}/{name}_{number:04d}.jpg" for name, count in (TRAIN | TEST).items() for number in range(1, count + 1)
    ]
    return {name: jpeg(size, seed) for seed, name in enumerate(names)}


def write_folder(folder: Path, files: dict[str, bytes] | dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def write_zip(file: Path, files: dict[str, bytes] | dict[str, str], prefix: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)


def course_archive(root: Path) -> Path:
    write_zip(root / "lfw_112.zip", images())
    write_zip(root / "lfw_protocol.zip", LISTS)
    return root


def nested_zips(root: Path) -> Path:
    write_zip(root / "lfw_112.zip", images(), "lfw_112/")
    write_zip(root / "lists.zip", LISTS, "lfw_protocol/")
    return root


def zip_file_itself(root: Path) -> Path:
    return course_archive(root) / "lfw_112.zip"


def unpacked(root: Path) -> Path:
    write_folder(root, images())
    write_folder(root, LISTS)
    return root


def unpacked_one_level_down(root: Path) -> Path:
    write_folder(root / "lfw_112", images())
    write_folder(root / "protocol", LISTS)
    return root


def official(root: Path) -> Path:
    write_folder(root / "lfw-deepfunneled", images(250))
    write_folder(root, LISTS)
    return root


def official_folder_itself(root: Path) -> Path:
    write_folder(root / "lfw" / "lfw", images(250))
    write_folder(root / "lfw" / "lists", LISTS)
    return root / "lfw" / "lfw"


LAYOUTS = [
    course_archive,
    nested_zips,
    zip_file_itself,
    unpacked,
    unpacked_one_level_down,
    official,
    official_folder_itself,
]
