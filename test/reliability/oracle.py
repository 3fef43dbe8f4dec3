"""The oracle of test/native as a process: answers one directory per line, given as base64."""

import base64
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../native"))
from inventory import walk  # noqa: E402

for line in sys.stdin.buffer:
    try:
        answer = list(walk(base64.b64decode(line)))
    except OSError as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
