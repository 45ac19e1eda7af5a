"""Maps data folders of the checkout into the package; all metadata stand in setup.cfg."""

from setuptools import find_packages, setup

setup(
    packages=[
        *find_packages(include=["submission_checker*", "compliance_tests*"]),
        "submission_checker.schemas", "submission_checker.demo",
        "submission_checker.demo_suts",
    ],
    package_dir={
        "submission_checker.schemas": "schemas",
        "submission_checker.demo": "fixtures/demo_submission",
        "submission_checker.demo_suts": "fixtures/suts",
    },
    package_data={
        "": ["py.typed"],
        "submission_checker.rounds": ["data/*.toml", "data/*.json"],
        "submission_checker.evidence": ["tables/*", "data/*"],
        "submission_checker.packing": ["*.toml"],
        "submission_checker.review": ["*.toml"],
        "submission_checker.rules": ["*.toml"],
        "submission_checker.render.html": ["*.j2", "*.css", "script/*.js"],
        "submission_checker.render.tables": ["*.j2", "*.css"],
        "submission_checker.schemas": ["*.json"],
        "submission_checker.demo": ["**/*"],
        "submission_checker.demo_suts": ["*.npz"],
    },
)
