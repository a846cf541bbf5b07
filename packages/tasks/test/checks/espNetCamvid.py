"""The side of PyTorch in espNetCamvid.ts: prints mean IoU, pixel accuracy and IoU by class as JSON."""
import json
import pathlib
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).parents[4] / 'fixtures'))
sys.dont_write_bytecode = True
from espnet_torch import EspNet  # noqa: E402

images, masks, weights = map(pathlib.Path, sys.argv[1:4])
mean = np.array([109.97965, 108.185905, 104.79663], np.float32)
std = np.array([78.02735, 79.13724, 78.08249], np.float32)
model = EspNet(12, 2, 8).eval()
model.load_state_dict(torch.load(weights, map_location='cpu'))
confusion = np.zeros((11, 11), np.int64)
for file in sorted(images.glob('*.png')):
    image = np.asarray(Image.open(file).convert('RGB'), np.float32)[:, :, ::-1]
    x = torch.from_numpy(((image - mean) / std / 255).transpose(2, 0, 1)[None].copy())
    with torch.no_grad():
        predicted = model(x)[0, :11].argmax(0).numpy()
    truth = np.asarray(Image.open(masks / file.name))
    kept = truth < 11
    confusion += np.bincount(truth[kept].astype(int) * 11 + predicted[kept], minlength=121).reshape(11, 11)
both = np.diag(confusion)
iou = both / (confusion.sum(0) + confusion.sum(1) - both)
print(json.dumps({
    'meanIou': float(iou.mean()), 'pixelAccuracy': float(both.sum() / confusion.sum()), 'iou': iou.tolist(),
}))
