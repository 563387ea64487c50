"""The models through real qgis_process: by the path of their file, and by their id."""

from pathlib import Path

from geopackages import only_table

MODELS = Path(__file__).resolve().parents[2] / "resources" / "models"


def test_a_model_by_its_path(run, province, tmp_path):
    paths = {
        name: str(tmp_path / f"{name}.gpkg")
        for name in ("bedrijvenclusters", "hefboomgebieden", "gescoorde_gebieden")
    }
    model = MODELS / "Van bedrijven naar hefboomgebieden.model3"
    asked = {name: province[name] for name in province if name != "INITIATIVES"}
    other = {"multimodale_corridors": str(tmp_path / "corridors.gpkg")}
    results = run(str(model), **asked, **other, **paths)
    assert results.keys() >= paths.keys()
    areas = only_table(paths["hefboomgebieden"])
    scored = only_table(paths["gescoorde_gebieden"])
    assert only_table(paths["bedrijvenclusters"])
    assert {row["area_id"] for row in areas} == {row["area_id"] for row in scored}
    assert min(row["rank"] for row in scored if row["rank"]) == 1


def test_a_model_by_its_id(run, province, tmp_path):
    third = f"{province['ESTABLISHMENTS']}|subset=fid % 3 = 0"
    outputs = ("stromen", "kansen", "matches", "balans")
    paths = {name: str(tmp_path / f"{name}.gpkg") for name in outputs}
    results = run(
        "Van bedrijven naar uitwisselingen",
        ESTABLISHMENTS=third,
        AREAS=province["REGIONS"],
        **paths,
    )
    assert results.keys() >= paths.keys()
    assert all(only_table(path) for path in paths.values())
