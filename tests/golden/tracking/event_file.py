"""Event file that TensorBoard's own writer makes; lib/tracking/tensorboard.ts must write the same bytes.

pip install tensorboard; python tests/golden/tracking/event_file.py
"""

import base64
import io
import json
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

now = 1700000000.25
scalars = [("loss", 1.5), ("loss/dino", 0.1), ("share/naïve", 3e-5), ("gradient_norm", float("inf"))]
summary = summary_pb2.Summary(
    value=[summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars]
)
events = [
    event_pb2.Event(wall_time=now, file_version="brain.Event:2"),
    event_pb2.Event(
        wall_time=now, step=301, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    ),
    event_pb2.Event(wall_time=now, step=70000, summary=summary),
]


class Kept(io.BytesIO):
    def close(self):
        pass


file = Kept()
writer = RecordWriter(file)
for event in events:
    writer.write(event.SerializeToString(deterministic=True))
writer.flush()
golden = {
    "now": now * 1000,
    "scalars": [{"tag": tag, "value": value if value < 1e9 else "Infinity"} for tag, value in scalars],
    "file": base64.b64encode(file.getvalue()).decode(),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, indent=2) + "\n")
