"""Say whether a run of the main job learnt what it should: ``check_run.py run.json``."""

import json
import sys
from pathlib import Path

LEAST, MOST = 0.93, 0.957
"""Between these lies the test accuracy of the notebook's network after its two epochs, whatever the seed."""

record = json.loads(Path(sys.argv[1]).read_text())
accuracy = record["test_accuracy"]
print(f"{record['status']}: test accuracy {accuracy}, {record['train_steps_per_second']:,.0f} training steps a second")
if record["status"] != "finished" or not LEAST <= accuracy <= MOST:
    sys.exit(f"{sys.argv[1]} should be finished, with a test accuracy of {LEAST} to {MOST}.")
