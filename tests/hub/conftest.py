"""What the tests with a Hub share."""

from tests.hub.fixture import hub as hub
