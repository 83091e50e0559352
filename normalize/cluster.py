"""Captures to readings on a Dask cluster; a worker that is lost changes nothing in the result."""

from __future__ import annotations

from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any

from normalize.published import ReleaseError
from normalize.reading import read_chunk, read_suspects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from normalize.reading import Job, Keyed, Read

AHEAD = 4
# A chunk is read again where its worker was lost, so many times; then its documents are read here, one at a time.
RETRIES = 3


def read_on_cluster(address: str, job: Job, chunks: Iterable[list[Keyed]]) -> Iterator[list[Read]]:
    """The readings of each chunk of captures by their keys, as it is done, in no set order.

    The archive is a folder that every worker sees, under the same path. A chunk that costs one worker after the other
    its life is read in processes of this machine instead, to find the document at fault. Raises ReleaseError where Dask
    is missing or no scheduler answers.
    """
    try:
        distributed: Any = import_module("distributed")
    except ModuleNotFoundError as error:
        raise ReleaseError("Dask is not installed: install gongkai with its extra dask") from error
    try:
        client = distributed.Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{address}: no Dask scheduler answers ({error}); name it as tcp://HOST:8786") from error
    with client:
        yield from _read(distributed, client, job, iter(chunks))


def _read(distributed: Any, client: Any, job: Job, chunks: Iterator[list[Keyed]]) -> Iterator[list[Read]]:
    ahead = AHEAD * max(1, sum(client.nthreads().values()))
    waiting = distributed.as_completed()
    pending: dict[Any, list[Keyed]] = {}
    while True:
        for chunk in islice(chunks, ahead - len(pending)):
            future = client.submit(_read_chunk, job, chunk, pure=False, retries=RETRIES)
            pending[future] = chunk
            waiting.add(future)
        if not pending:
            return
        done = next(waiting)
        chunk = pending.pop(done)
        try:
            yield done.result()
        except distributed.KilledWorker:
            yield from read_suspects(job, chunk)


def _read_chunk(job: Job, captures: list[Keyed]) -> list[Read]:
    # Opened for each chunk: a worker's threads may not share an index.
    with job.open_archive(job.archive) as archive:
        return read_chunk(job, archive, captures)
