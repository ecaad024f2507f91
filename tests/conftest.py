"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# A busy machine is no failure.
settings.register_profile("resemblance", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("resemblance")
