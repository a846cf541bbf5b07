"""The network of membranes.ts in PyTorch, trained on the same images by the same rules: Adam on a cosine, parts of
192 × 192 that are mirrored, two in each step.

    OMP_WAIT_POLICY=passive /usr/bin/python3 packages/tasks/recipes/peers/membranes.py isbi2012-membrane [steps] [channels] [seed]
"""
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

PATCH, BATCH, RATE = 192, 2, 2e-3


def double(inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, channels, classes=2, depth=4):
        super().__init__()
        widths = [channels * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(double(i, o) for i, o in zip([3, *widths], widths))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in reversed(widths[:-1]))
        self.up = nn.ModuleList(double(2 * w, w) for w in reversed(widths[:-1]))
        self.final = nn.Conv2d(channels, classes, 1)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
            elif isinstance(layer, nn.ConvTranspose2d):
                nn.init.normal_(layer.weight, 0, math.sqrt(2 / layer.in_channels / 4))

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            skips.append(x)
        for grow, block, skip in zip(self.grow, self.up, reversed(skips[:-1])):
            x = block(torch.cat([skip, grow(x)], 1))
        return self.final(x)


def read(folder, name):
    grey = np.asarray(Image.open(folder / "image" / name).convert("L"), np.float32)
    image = torch.from_numpy((grey / 255 - 0.5) / 0.2).expand(3, -1, -1)
    label = torch.from_numpy(np.array(Image.open(folder / "label" / name).convert("L"))).eq(255).long()
    return image, label


def cut(image, label, random):
    top, left = (random.integers(side - PATCH + 1) for side in label.shape)
    image, label = (x[..., top : top + PATCH, left : left + PATCH] for x in (image, label))
    for axis in (-1, -2):
        if random.random() < 0.5:
            image, label = image.flip(axis), label.flip(axis)
    return image, label


def main(folder, steps=1000, channels=16, seed=0):
    torch.manual_seed(seed)
    torch.set_num_threads(2)
    random = np.random.default_rng(seed)
    folder = Path(folder)
    training, judged = (
        [read(folder, name) for name in (folder / part).read_text().split()] for part in ("train.txt", "dev.txt")
    )
    net = UNet(channels).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    order, start = [], time.perf_counter()
    for step in range(steps):
        if not order:
            order = random.permutation(np.tile(np.arange(len(training)), 8)).tolist()
        parts = [cut(*training[order.pop()], random) for _ in range(BATCH)]
        images, labels = (torch.stack(x) for x in zip(*parts))
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(images.to(memory_format=torch.channels_last)), labels)
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 49:
            print(f"step {step + 1}: loss {loss.item():.4f}, {(time.perf_counter() - start) / (step + 1):.2f} s a step", flush=True)
    minutes = (time.perf_counter() - start) / 60
    net.eval()
    counts = torch.zeros(2, 2)
    with torch.inference_mode():
        for image, label in judged:
            found = net(image[None]).argmax(1)[0]
            counts += torch.bincount(2 * label.flatten() + found.flatten(), minlength=4).view(2, 2)
    hits = counts.diag()
    iou = hits / (counts.sum(0) + counts.sum(1) - hits)
    print(
        f"{len(judged)} images, {steps} steps in {minutes:.1f} minutes, PyTorch {torch.__version__}: "
        f"pixel accuracy {100 * hits.sum() / counts.sum():.2f} %, mean IoU {100 * iou.mean():.2f} % (membrane {100 * iou[0]:.2f} %)"
    )


main(sys.argv[1], *map(int, sys.argv[2:]))
