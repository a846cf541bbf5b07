"""OpenCV's DNN as a peer of the benchmarks: a darknet network, run once on each line of stdin.

    openCvPeer.py NET.cfg NET.weights THREADS

Answers one JSON line at the start, {"opencv": "4.6.0"}, and {"ms": 11.2} for each run. The end of stdin ends it.
"""
import json
import sys
import time

import cv2
import numpy as np

cfg, weights, threads = sys.argv[1:]
cv2.setNumThreads(int(threads))
net = cv2.dnn.readNetFromDarknet(cfg, weights)
side = int(next(line for line in open(cfg) if line.startswith('width')).split('=')[1])
net.setInput(np.random.default_rng(0).random((1, 3, side, side), dtype=np.float32))
outputs = net.getUnconnectedOutLayersNames()
print(json.dumps({'opencv': cv2.__version__}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    net.forward(outputs)
    print(json.dumps({'ms': (time.perf_counter() - start) * 1000}), flush=True)
