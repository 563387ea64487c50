"""What tests of the algorithms share: a provider that Processing knows."""

import pytest


@pytest.fixture(scope="module")
def provider(qgis_app, qgis_processing):  # noqa: ARG001 - Processing must run
    """The provider, registered while a module's tests run."""
    import bad_layers
    from kansenkaart.processing_algorithms.provider import KansenkaartProvider
    from qgis.core import QgsApplication

    registry = QgsApplication.processingRegistry()
    found = registry.providerById("kansenkaart")
    added = found is None
    if added:
        assert registry.addProvider(KansenkaartProvider())
    yield registry.providerById("kansenkaart")
    # Layers must not outlive QGIS.
    bad_layers.usual.cache_clear()
    if added:
        registry.removeProvider("kansenkaart")
