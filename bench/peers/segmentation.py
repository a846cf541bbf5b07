"""Workloads of torchPeer.py that give every pixel a class: U-Net (arXiv:1505.04597, with padding) and torchvision's FCN
on ResNet-50, a training step and a forward pass each."""
import os

import torch
import torch.nn.functional as F
from torch import nn


class DoubleConv(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.conv1(x), inplace=True)
        return F.relu(self.conv2(x), inplace=True)


class UNet(nn.Module):
    """Its names are those of the other side's, which loads the weights."""

    def __init__(self, classes, channels=64, depth=4):
        super().__init__()
        widths = [channels * 2**level for level in range(depth + 1)]
        self.down = nn.ModuleList(DoubleConv(i, o) for i, o in zip([3, *widths], widths))
        self.upconv = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in reversed(widths[:-1]))
        self.up = nn.ModuleList(DoubleConv(2 * w, w) for w in reversed(widths[:-1]))
        self.final = nn.Conv2d(channels, classes, 1)

    def forward(self, x):
        skips = []
        for level, block in enumerate(self.down):
            x = block(F.max_pool2d(x, 2) if level else x)
            if level >= len(self.down) - 2:
                x = F.dropout(x, 0.5, self.training)
            skips.append(x)
        for grow, block, skip in zip(self.upconv, self.up, reversed(skips[:-1])):
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


class WithClasses(nn.Module):
    """Logits, and the class of each pixel."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        logits = self.net(images)
        logits = logits["out"] if isinstance(logits, dict) else logits
        return logits, logits.argmax(1)


def segmentation_inference(model="unet", batch=1, size=256, classes=2, channels_last=True, folder=None):
    """A forward pass; with a folder, network.onnx and network.pth of the same weights are written there before."""
    torch.manual_seed(1)
    layout, images, _ = inputs(batch, size, classes, channels_last)
    net = network(model, classes).eval()
    both = WithClasses(net)
    if folder:
        torch.save(net.state_dict(), os.path.join(folder, "network.pth"))
        file, names = os.path.join(folder, "network.onnx"), ["logits", "classes"]
        torch.onnx.export(both, images.contiguous(), file, opset_version=16, input_names=["images"], output_names=names)
    net.to(memory_format=layout)

    def forward():
        with torch.inference_mode():
            return both(images)[1].sum().item()

    return forward
