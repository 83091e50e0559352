"""What lies beside a release's tables for programs and for citing: Frictionless, Croissant, CITATION and licence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normalize.schema import BOOL, FLOAT, INT, PARTITION, SCHEMA_VERSION, STRING, Column, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

TITLE = "Annual government information disclosure reports of China's counties"
ABOUT = (
    "Figures, checks and text of the yearly government information disclosure reports (政府信息公开工作年度报告) of"
    " Chinese counties and their bodies, each number traceable to the cell of the page it came from."
)
AUTHORS = "The Gongkai authors"
LICENSE = "CC-BY-4.0"
LICENSE_URL = "https://creativecommons.org/licenses/by/4.0/"
LICENSE_TEXT = (
    f"The data of this release are under the Creative Commons Attribution 4.0 International licence, {LICENSE_URL}\n"
    f"Name {AUTHORS} and the release. The reports themselves are public documents of the bodies that published them.\n"
)
# The registered type is not one that Croissant's own checker knows.
PARQUET, PARQUET_OF_CROISSANT = "application/vnd.apache.parquet", "application/x-parquet"

_FRICTIONLESS = {STRING: "string", INT: "integer", FLOAT: "number", BOOL: "boolean"}
_CROISSANT = {STRING: "sc:Text", INT: "sc:Integer", FLOAT: "sc:Float", BOOL: "sc:Boolean"}


def datapackage(
    release_id: str, created: str, files: Sequence[dict[str, Any]], tables: Sequence[Table]
) -> dict[str, Any]:
    """The Frictionless description of a release.

    ``files`` are the entries of ``release.json`` (``path``, ``table``, ``bytes`` ...), ``created`` the newest time in
    the data, so that the same data give the same description.
    """
    package: dict[str, Any] = {
        "name": "gongkai",
        "id": release_id,
        "title": TITLE,
        "description": ABOUT,
        "profile": "data-package",
        "version": SCHEMA_VERSION,
        "licenses": [{"name": LICENSE, "path": LICENSE_URL}],
        "contributors": [{"title": AUTHORS, "role": "author"}],
        "resources": [_resource(table, files) for table in tables],
    }
    return package | ({"created": created} if created else {})


def _resource(table: Table, files: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.label_en,
        "description": f"{table.label}。{table.caution} {table.caution_en}",
        "profile": "data-resource",
        "path": [each["path"] for each in files if each["table"] == table.name],
        "format": "parquet",
        "mediatype": PARQUET,
        "partitionedBy": [PARTITION],
        "schema": {"fields": [_frictionless_field(column) for column in table.columns]},
    }


def _frictionless_field(column: Column) -> dict[str, str]:
    described = {
        "name": column.name,
        "type": _FRICTIONLESS[column.type],
        "title": column.label,
        "description": column.label_en,
    }
    return described | ({"unit": column.unit} if column.unit else {})


def croissant(release_id: str, created: str, tables: Sequence[Table]) -> dict[str, Any]:
    """The Croissant 1.0 description of a release: a set of files and a set of records for each table."""
    described: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "gongkai",
        "alternateName": TITLE,
        "description": ABOUT,
        "license": LICENSE_URL,
        "creator": {"@type": "sc:Organization", "name": AUTHORS},
        "citeAs": f"{AUTHORS}. {TITLE}. Release {release_id}.",
        "version": f"{SCHEMA_VERSION}.0+{release_id}",
        "inLanguage": ["zh", "en"],
        "distribution": [
            {
                "@type": "cr:FileSet",
                "@id": f"{table.name}-files",
                "name": f"{table.name}-files",
                "description": f"The Parquet files of the table {table.name}, one folder a report year.",
                "includes": f"{table.name}/*/*.parquet",
                "encodingFormat": PARQUET_OF_CROISSANT,
            }
            for table in tables
        ],
        "recordSet": [_record_set(table) for table in tables],
    }
    return described | ({"datePublished": created[:10]} if created else {})


def _record_set(table: Table) -> dict[str, Any]:
    inside = [name for name in table.key if name != PARTITION]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": f"{table.label_en}. {table.caution_en}",
        "key": [{"@id": f"{table.name}/{name}"} for name in inside],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{column.name}",
                "name": column.name,
                "description": f"{column.label_en}{f' ({column.unit})' if column.unit else ''}",
                "dataType": _CROISSANT[column.type],
                "source": {"fileSet": {"@id": f"{table.name}-files"}, "extract": {"column": column.name}},
            }
            for column in table.columns
        ],
    }


def citation(release_id: str, created: str) -> str:
    """``CITATION.cff`` of a release."""
    lines = [
        "cff-version: 1.2.0",
        "message: If you use these data, cite the release.",
        "type: dataset",
        f'title: "{TITLE}"',
        f"version: {release_id}",
        f"license: {LICENSE}",
        "authors:",
        f'  - name: "{AUTHORS}"',
    ]
    return "\n".join([*lines, *([f"date-released: {created[:10]}"] if created else [])]) + "\n"


_TERMS = (
    "citeAs", "column", "extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes",
    "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated",
    "replace", "separator", "source", "subField", "transform", "containedIn", "equivalentProperty", "samplingRate",
)  # fmt: skip
# The context that Croissant 1.0 prescribes.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{term: f"cr:{term}" for term in _TERMS},
}
