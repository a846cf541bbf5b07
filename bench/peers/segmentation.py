"""Workloads of torchPeer.py that give every pixel a class: U-Net (arXiv:1505.04597, with padding) and torchvision's FCN
on ResNet-50, a training step and a forward pass each."""
import torch
import torch.nn.functional as F
from torch import nn


def double(inputs, outputs):
    layers = []
    for channels in (inputs, outputs):
        layers += [nn.Conv2d(channels, outputs, 3, padding=1), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, classes, channels=64, depth=4):
        super().__init__()
        widths = [channels * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(double(i, o) for i, o in zip([3, *widths], widths))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in reversed(widths[:-1]))
        self.up = nn.ModuleList(double(2 * w, w) for w in reversed(widths[:-1]))
        self.final = nn.Conv2d(channels, classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            if level >= len(self.down) - 2:
                x = F.dropout(x, 0.5, self.training)
            skips.append(x)
        for grow, block, skip in zip(self.grow, self.up, reversed(skips[:-1])):
            x = block(torch.cat([skip, grow(x)], 1))
        return self.final(x)


def network(name, classes):
    if name == "unet":
        return UNet(classes)
    import torchvision

    return torchvision.models.segmentation.fcn_resnet50(
        weights=None, weights_backbone=None, num_classes=classes, aux_loss=True
    )


def inputs(batch, size, classes, channels_last):
    layout = torch.channels_last if channels_last else torch.contiguous_format
    images = torch.randn(batch, 3, size, size).to(memory_format=layout)
    return layout, images, torch.arange(batch * size * size).view(batch, size, size) % classes


def segmentation_step(model="unet", batch=1, size=256, classes=2, channels_last=True):
    layout, images, labels = inputs(batch, size, classes, channels_last)
    net = network(model, classes).train().to(memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        logits = net(images)
        if isinstance(logits, dict):
            loss = F.cross_entropy(logits["out"], labels) + 0.5 * F.cross_entropy(logits["aux"], labels)
        else:
            loss = F.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def segmentation_inference(model="unet", batch=1, size=256, classes=2, channels_last=True):
    layout, images, _ = inputs(batch, size, classes, channels_last)
    net = network(model, classes).eval().to(memory_format=layout)

    def forward():
        with torch.inference_mode():
            logits = net(images)
            return (logits["out"] if isinstance(logits, dict) else logits).argmax(1).sum().item()

    return forward
