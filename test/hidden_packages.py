"""A Python in which packages are missing or too old, put first on PYTHONPATH."""

HOOK = """
import os, sys
from importlib import metadata

HIDDEN = set(os.environ["HIDDEN_PACKAGES"].split())
OLD = set(os.environ["OLD_PACKAGES"].split())
true_version = metadata.version


class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def version(name):
    if name.lower() in HIDDEN:
        raise metadata.PackageNotFoundError(name)
    return "0.9.1" if name.lower() in OLD else true_version(name)


sys.meta_path.insert(0, Hide())
metadata.version = version
"""
ALL = ["geopandas", "jinja2", "networkx", "numpy", "pandas"]
ALL += ["pyproj", "scipy", "shapely"]


def without(env, folder, hidden=(), old=()):
    """The environment ``env``, without the packages; ``folder`` takes the hook."""
    (folder / "sitecustomize.py").write_text(HOOK, "utf-8")
    return env | {
        "PYTHONPATH": ":".join(filter(None, (str(folder), env.get("PYTHONPATH")))),
        "HIDDEN_PACKAGES": " ".join(hidden),
        "OLD_PACKAGES": " ".join(old),
    }
