"""Downloads pinned packages with the ordinary clients (pip, npm, cargo) and opens what has the pinned checksum."""

import contextlib
import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
# Each line of packages.tsv: where from, name, version, file, SHA-256, licence.
PINS = [it.split("\t") for it in (HERE / "packages.tsv").read_text().splitlines() if not it.startswith("#")]


@contextlib.contextmanager
def downloaded():
    """Yields {name==version: {path inside of the package: bytes}}: the text files of each pinned package."""
    with tempfile.TemporaryDirectory() as folder:
        for client in ("pip", "npm", "cargo"):
            DOWNLOADS[client]([it[1:] for it in PINS if it[0] == client], folder)
        packages = {}
        for _, name, version, file, checksum, _ in PINS:
            packages[f"{name}=={version}"] = opened(pathlib.Path(folder, file), checksum)
        yield packages


def from_pip(pins, folder):
    for name, version, file, *_ in pins:
        kind = ["--only-binary", ":all:"] if file.endswith(".whl") else ["--no-binary", ":all:"]
        command = ["download", "--no-deps", *kind, "--dest", folder, f"{name}=={version}"]
        run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *command], folder)


def from_npm(pins, folder):
    for name, version, *_ in pins:
        run(["npm", "pack", "--silent", f"{name}@{version}"], folder)


def from_cargo(pins, folder):
    """Lets cargo fetch what an empty crate depends on, and takes the packed crates out of cargo's cache."""
    crate = pathlib.Path(folder, "crate")
    (crate / "src").mkdir(parents=True)
    (crate / "src/lib.rs").touch()
    needs = [f'{name} = {{ version = "={version}", default-features = false }}' for name, version, *_ in pins]
    head = ["[package]", 'name = "schemas"', 'version = "0.0.0"', 'edition = "2021"', "[workspace]", "[dependencies]"]
    (crate / "Cargo.toml").write_text("\n".join([*head, *needs, ""]))
    run(["cargo", "fetch", "--quiet"], crate)
    home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
    for name, version, file, *_ in pins:
        cached = sorted(home.glob(f"registry/cache/*/{name}-{version}.crate"))
        if not cached:
            sys.exit(f"cargo did not fetch {name} {version}")
        pathlib.Path(folder, file).write_bytes(cached[0].read_bytes())


DOWNLOADS = {"pip": from_pip, "npm": from_npm, "cargo": from_cargo}


def run(command, folder):
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def opened(package, checksum):
    """Returns the text files of a package by path; the folder that all of a tar's files lie in is left out."""
    data = package.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != checksum:
        sys.exit(f"{package.name} has the checksum {found}, but {checksum} is pinned")
    if package.suffix == ".whl":
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            return {it: wheel.read(it) for it in wheel.namelist() if wanted(it)}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        members = [it for it in tar if it.isfile() and wanted(it.name)]
        return {it.name.partition("/")[2]: tar.extractfile(it).read() for it in members}


def wanted(path):
    """Of the JSON files of Kubernetes only those are read that hold all definitions."""
    return path.endswith((".py", ".rs", ".d.ts", ".js")) or path.endswith("-local/_definitions.json")
