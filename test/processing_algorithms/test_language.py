"""The toolbox speaks Dutch in a Dutch QGIS."""

import pytest
from kansenkaart.processing_algorithms.clusters.detect_clusters import DetectClusters
from kansenkaart.processing_algorithms.language import interface_language
from qgis.core import QgsApplication


@pytest.fixture
def translation():
    application = QgsApplication.instance()
    before = application.translation()
    yield application.setTranslation
    application.setTranslation(before)


def test_dutch(translation):
    translation("nl")
    assert interface_language() == "nl"
    algorithm = DetectClusters().create()
    assert algorithm.displayName() == "Bedrijvenclusters vinden"
    assert algorithm.group() == "1 Clusters"
    assert algorithm.parameterDefinition("DISTANCE").description() == "Zoekafstand"
    assert "aanname" in algorithm.shortHelpString()


def test_english_elsewhere(translation):
    translation("fr")
    assert interface_language() == "en"
    assert DetectClusters().create().displayName() == "Find business clusters"
