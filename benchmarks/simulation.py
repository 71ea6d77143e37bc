"""How long a job of shards takes on many workers, by constants that were measured on one machine."""

import heapq


def seconds_of(shards: int, workers: int, each: float, serial: float, start: float = 0.0) -> float:
    """Seconds until the last shard is written.

    Args:
      shards: how many there are.
      workers: how many explain, one shard at a time.
      each: seconds of a worker for a shard.
      serial: seconds of the driver for a shard, during which it serves no other: reading, sending, writing.
      start: seconds until a worker has loaded the model.

    Returns:
      The end of the last; next to ``start + shards * max(serial, each / workers)`` where there are many.
    """
    free = [start] * workers
    driver = last = 0.0
    for _ in range(shards):
        driver = max(driver, heapq.heappop(free)) + serial
        last = max(last, driver + each)
        heapq.heappush(free, driver + each)
    return last
