"""Run as a program: a study on a real Ray cluster of two nodes, of which one is killed half-way.

``python -m tests.integrations.ray_nodes DATA OUT`` prints, as JSON, how many runs were begun on each node and how
often each run was stored. In a process of its own, since Ray starts servers and changes signal handlers.
"""

import json
import sys
import time
from collections import Counter

import ray
from ray.cluster_utils import Cluster

from lengthwise.integrations.ray import RayCluster
from lengthwise.study.execution import RunEnded
from lengthwise.study.study import Study
from tests.study.test_study import OPTIONS


def main(data, out):
    head = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    second = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
    stored = Counter()
    killed = []
    with RayCluster(cluster.address) as executor:
        nodes = len([node for node in ray.nodes() if node["Alive"]])

        def kill_half_way(event):
            if isinstance(event, RunEnded):
                stored[f"{event.outcome.settings.seq_len} {event.outcome.settings.seed}"] += 1
                if len(stored) == 3 and not killed:
                    killed.append(True)
                    cluster.remove_node(second, allow_graceful=False)

        Study(data, out=out, **OPTIONS | {"budget": "steps=2000"}).run(executor=executor, callbacks=[kill_half_way])
        left = nodes
        while left == nodes:  # the cluster notices by heartbeats, some seconds later
            time.sleep(0.5)
            left = len([node for node in ray.nodes() if node["Alive"]])
    cluster.shutdown()
    print(json.dumps({"nodes": nodes, "nodes_left": left, "stored": stored}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
