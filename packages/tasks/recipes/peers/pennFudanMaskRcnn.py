"""The network of pennFudanMaskRcnn.ts by torchvision 0.14, trained on the same images by the same rules: SqueezeNet 1.1
with the same weights below its own pyramid, heads, samplers and losses, the same sizes, steps and rates. It writes what
it finds in COCO's results format; `foveal eval --predictions` scores both.

    /usr/bin/python3 packages/tasks/recipes/peers/pennFudanMaskRcnn.py PennFudan squeezenet1_1.safetensors results.json \\
        [steps] [seed]
"""
import json
import math
import random
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torchvision.models import squeezenet1_1
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import TwoMLPHead, FastRCNNPredictor
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.ops import MultiScaleRoIAlign

BATCH, RATE, MOMENTUM, DECAY, CLIP = 2, 0.01, 0.9, 1e-4, 10
CHANNELS, UNITS = 64, 512


def safetensors(path):
    data = Path(path).read_bytes()
    size, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + size])
    header.pop('__metadata__', None)
    body = data[8 + size:]
    return {name: torch.frombuffer(bytearray(body[slice(*entry['data_offsets'])]), dtype=torch.float32).reshape(entry['shape'])
            for name, entry in header.items()}


def network(weights, categories):
    body = squeezenet1_1()
    body.load_state_dict(safetensors(weights))
    first = body.features[0].weight
    first.data = first.data.flip(1)  # blue first: now red first
    # The stem is held, as frozenStages: 1 does.
    for parameter in body.features[0].parameters():
        parameter.requires_grad = False
    # What the second and third pooling see, and the last maps.
    backbone = BackboneWithFPN(body.features, {'4': '0', '7': '1', '12': '2'}, [128, 256, 512], CHANNELS)
    names = ['0', '1', '2']
    return MaskRCNN(
        backbone,
        min_size=320, max_size=533,
        image_mean=[123 / 255, 117 / 255, 104 / 255], image_std=[1 / 255] * 3,
        rpn_anchor_generator=AnchorGenerator(((32,), (64,), (128,), (256,)), ((0.5, 1.0, 2.0),) * 4),
        rpn_pre_nms_top_n_train=1000, rpn_pre_nms_top_n_test=500,
        rpn_post_nms_top_n_train=500, rpn_post_nms_top_n_test=200,
        box_batch_size_per_image=128,
        box_roi_pool=MultiScaleRoIAlign(names, 7, 2),
        box_head=TwoMLPHead(CHANNELS * 49, UNITS),
        box_predictor=FastRCNNPredictor(UNITS, categories + 1),
        mask_roi_pool=MultiScaleRoIAlign(names, 14, 2),
        mask_head=MaskRCNNHeads(CHANNELS, (64, 64, 64, 64), 1),
        mask_predictor=MaskRCNNPredictor(64, 256, categories + 1),
    )


def runs_to_mask(runs, height, width):
    values = np.repeat(np.arange(len(runs)) % 2, runs)
    return values.reshape(width, height).T.astype(np.uint8)


def mask_to_runs(mask):
    flat = mask.T.reshape(-1)
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]]))
    return ([0] if flat[0] else []) + runs.tolist()


def load(folder, split):
    labels = json.loads((folder / f'instances_{split}.json').read_text())
    samples = []
    for image in labels['images']:
        pixels = np.asarray(Image.open(folder / 'PNGImages' / image['file_name']).convert('RGB'))
        own = [one for one in labels['annotations'] if one['image_id'] == image['id']]
        masks = np.stack([runs_to_mask(one['segmentation']['counts'], *one['segmentation']['size']) for one in own])
        boxes = torch.tensor([one['bbox'] for one in own], dtype=torch.float32)
        boxes[:, 2:] += boxes[:, :2]
        target = {'boxes': boxes, 'labels': torch.ones(len(own), dtype=torch.int64), 'masks': torch.from_numpy(masks)}
        samples.append((torch.from_numpy(pixels.copy()).permute(2, 0, 1) / 255, target, image['id']))
    return samples


def flipped(image, target):
    width = image.shape[2]
    boxes = target['boxes'].clone()
    boxes[:, [0, 2]] = width - boxes[:, [2, 0]]
    return image.flip(2), {**target, 'boxes': boxes, 'masks': target['masks'].flip(2)}


def rate(step, steps, warm):
    if step < warm:
        start = 1 / (warm + 1)
        return RATE * (start + (1 - start) * step / warm)
    return RATE / 2 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def main(folder, weights, out, steps=300, seed=1):
    random.seed(seed)
    torch.manual_seed(seed)
    training = load(Path(folder), 'train')
    model = network(weights, 1).train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    print(sum(parameter.numel() for parameter in model.parameters()), 'parameters', flush=True)
    optimizer = torch.optim.SGD(trained, RATE, MOMENTUM, weight_decay=DECAY, nesterov=True)
    warm = math.ceil(len(training) / BATCH)
    started = time.perf_counter()
    order = []
    for step in range(steps):
        if not order:
            order = random.sample(range(len(training)), len(training))
        batch, order = order[:BATCH], order[BATCH:]
        samples = [flipped(*training[i][:2]) if random.random() < 0.5 else training[i][:2] for i in batch]
        losses = model(*zip(*samples))
        loss = sum(losses.values())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, CLIP)
        for group in optimizer.param_groups:
            group['lr'] = rate(step, steps, warm)
        optimizer.step()
        if (step + 1) % 20 == 0:
            parts = ', '.join(f'{name} {value.item():.3f}' for name, value in losses.items())
            print(f'{step + 1}: {loss.item():.3f} ({parts}); {time.perf_counter() - started:.0f} s', flush=True)
    print(f'{(time.perf_counter() - started) / 60:.1f} minutes', flush=True)

    model.eval()
    results = []
    with torch.no_grad():
        for image, _, number in load(Path(folder), 'dev'):
            found, = model([image])
            for box, score, mask in zip(found['boxes'], found['scores'], found['masks']):
                x1, y1, x2, y2 = box.tolist()
                runs = mask_to_runs((mask[0] > 0.5).numpy().astype(np.int8))
                results.append({'image_id': number, 'category_id': 1, 'score': score.item(), 'bbox': [x1, y1, x2 - x1, y2 - y1],
                                'segmentation': {'size': list(mask.shape[1:]), 'counts': runs}})
    Path(out).write_text(json.dumps(results))


main(*sys.argv[1:4], *map(int, sys.argv[4:]))
