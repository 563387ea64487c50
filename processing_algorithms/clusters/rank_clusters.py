"""Rank business clusters."""

from __future__ import annotations

from ...analysis.errors import RefusalError
from ...analysis.layers import LayerType, layer_type
from ...analysis.vocabulary import LANGUAGE_CHOICES
from ..base import KansenkaartAlgorithm


def _equal_share(_settings) -> float:
    from ...analysis.rank_clusters import equal_share

    return equal_share()


class RankClusters(KansenkaartAlgorithm):
    """Which clusters are promising, by the five criteria of the guide."""

    ID = "rankclusters"
    GROUP = "clusters"
    ASSUMPTIONS = {"MIN_COMPLETENESS": "part", "TOP": "clusters"}
    FIXED_ASSUMPTIONS = {"EQUAL_WEIGHTS": ("part", _equal_share)}

    def define(self) -> None:
        """Clusters and flows, what each criterion counts, how many are selected."""
        self.layer("CLUSTERS")
        self.layer("FLOWS", optional=True)
        self.matrix("WEIGHTS", ["criterion", "weight"], [])
        self.file("WEIGHTS_FILE", "csv")
        self.decimal("MIN_COMPLETENESS", 0.4, 0.0, 1.0)
        self.integer("TOP", 10, 1)
        self.choice("LANGUAGE", LANGUAGE_CHOICES, 0)
        self.sink("OUTPUT", "Polygon")
        self.sink("OUTPUT_CRITERIA", "None")
        for name in (
            "CLUSTER_COUNT",
            "RANKED_COUNT",
            "SELECTED_COUNT",
            "FLAGGED_COUNT",
        ):
            self.number_output(name)

    def compute(self, run) -> dict:
        """Rank, select and explain."""
        crs = run.crs_of("CLUSTERS")
        layers = run.frames(("CLUSTERS", "FLOWS"), crs)
        found = self.calculate(layers, run, run.progress)
        if not found.scored:
            raise RefusalError("cluster_ranking.nothing_to_rank_by")
        for key, values in found.notes:
            run.say(key, **values)
        clusters = found.clusters
        run.write("OUTPUT", clusters, ranked_type(clusters), crs)
        run.write("OUTPUT_CRITERIA", found.criteria, layer_type("cluster_criteria"))
        return {
            "CLUSTER_COUNT": len(clusters),
            "RANKED_COUNT": int(clusters["rank"].notna().sum()),
            "SELECTED_COUNT": int(clusters["selected"].sum()),
            "FLAGGED_COUNT": int(clusters["low_hanging_fruit"].eq(True).sum()),
        }

    @staticmethod
    def calculate(layers: dict, settings, progress):
        """Ranking of the clusters."""
        from ...analysis.rank_clusters import cluster_weights, rank_clusters

        return rank_clusters(
            layers["clusters"],
            layers.get("flows"),
            cluster_weights(
                settings.matrix("WEIGHTS"), settings.text_file("WEIGHTS_FILE")
            ),
            settings.number("MIN_COMPLETENESS"),
            settings.integer("TOP"),
            settings.choice("LANGUAGE", LANGUAGE_CHOICES),
            progress,
        )


def ranked_type(clusters) -> LayerType:
    """Fields of ranked clusters: their own, then those of the ranking."""
    kind = layer_type("clusters")
    own = {name: kind.fields[name] for name in kind.fields if name in clusters}
    ranks = layer_type("cluster_ranks").fields
    return LayerType("ranked_clusters", kind.geometry, kind.id, own | ranks, ())
