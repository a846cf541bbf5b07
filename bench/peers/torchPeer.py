"""PyTorch as a peer of the benchmarks: loads a workload by name and runs it once on each request.

One request a line on stdin, one JSON answer a line on stdout:
    {"load": "resnet18_step", "batch": 8, "size": 224}   ->  {"torch": "1.13.1", "threads": 2}
    {"run": 1}                                            ->  {"ms": 481.2, "result": null}
    {"memory": 1}                                         ->  {"peak_mb": 1180.3}
An error answers {"error": "..."}; the end of stdin ends the program.
"""
import json
import os
import resource
import sys
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402


class CifarBlock(nn.Module):
    """Two 3x3 convolutions; the shortcut subsamples and pads with zeros (option A of He et al. 2015, 4.2)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.extra = stride, outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.extra:
            half = self.extra // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, self.extra - half))
        return F.relu(y + x)


def resnet20():
    blocks, inputs = [], 16
    for outputs in (16, 32, 64):
        for i in range(3):
            blocks.append(CifarBlock(inputs, outputs, 2 if i == 0 and outputs > 16 else 1))
            inputs = outputs
    stem = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def training_step(model, batch, size, classes, channels_last):
    model.train()
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = model.to(memory_format=layout)
    images = torch.randn(batch, 3, size, size).to(memory_format=layout)
    labels = torch.arange(batch) % classes
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def resnet18_step(batch=8, size=224, channels_last=True):
    import torchvision

    return training_step(torchvision.models.resnet18(), batch, size, 1000, channels_last)


def resnet20_step(batch=32, size=32, channels_last=True):
    return training_step(resnet20(), batch, size, 10, channels_last)


def cifar_records(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        records = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(-1, 3073)
    return records[:, 0].long(), records[:, 1:].reshape(-1, 3, 32, 32)


def normalized(images):
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    return ((images.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)


def resnet20_epoch(folder, batch=128, channels_last=True):
    """One pass over data_batch_1.bin in random order, held in memory as bytes and normalised batch by batch."""
    labels, images = cifar_records(folder, "data_batch_1.bin")
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = resnet20().to(memory_format=layout).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)

    def epoch():
        for chosen in torch.randperm(len(labels)).split(batch):
            x = normalized(images[chosen]).to(memory_format=layout)
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(x), labels[chosen])
            loss.backward()
            optimizer.step()
        loss.item()

    return epoch


def resnet20_training(folder, epochs, batch=128):
    """Trains on data_batch_1.bin with crops and flips and tests on test_batch.bin; gives the accuracy in per cent."""
    train_labels, train_images = cifar_records(folder, "data_batch_1.bin")
    test_labels, test_images = cifar_records(folder, "test_batch.bin")
    model = resnet20()
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
    model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    steps = -(-len(train_labels) // batch) * epochs
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

    def augmented(images):
        padded = F.pad(images, (4, 4, 4, 4))
        corners = torch.randint(0, 9, (len(images), 2)).tolist()
        crops = torch.stack([x[:, i : i + 32, j : j + 32] for x, (i, j) in zip(padded, corners)])
        return torch.where((torch.rand(len(images)) < 0.5).view(-1, 1, 1, 1), crops.flip(3), crops)

    def run():
        for _ in range(epochs):
            model.train()
            for chosen in torch.randperm(len(train_labels)).split(batch):
                optimizer.zero_grad(set_to_none=True)
                loss = F.cross_entropy(model(normalized(augmented(train_images[chosen]))), train_labels[chosen])
                loss.backward()
                optimizer.step()
                schedule.step()
        model.eval()
        with torch.no_grad():
            right = (model(normalized(test_images)).argmax(1) == test_labels).float().mean()
        return 100 * right.item()

    return run


def convolution(batch, size, inputs, outputs, kernel, stride=1, direction="forward"):
    x = torch.randn(batch, inputs, size, size).to(memory_format=torch.channels_last)
    w = torch.randn(outputs, inputs, kernel, kernel).to(memory_format=torch.channels_last)
    padding = kernel // 2
    y = F.conv2d(x, w, None, stride, padding)
    dy = torch.randn(y.shape).to(memory_format=torch.channels_last)
    backward = torch.ops.aten.convolution_backward
    mask = {"input": [True, False, False], "filter": [False, True, False]}.get(direction)

    def run():
        with torch.no_grad():
            if mask is None:
                F.conv2d(x, w, None, stride, padding)
            else:
                backward(dy, x, w, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1, mask)

    return run


def matmul(size=2048):
    a, b = torch.randn(size, size), torch.randn(size, size)
    return lambda: torch.mm(a, b)


workloads = {f.__name__: f for f in (resnet18_step, resnet20_step, resnet20_epoch, resnet20_training, convolution, matmul)}


def answer(request, state):
    if "load" in request:
        name = request.pop("load")
        torch.set_num_threads(request.pop("threads", os.cpu_count()))
        torch.manual_seed(1)
        state["run"] = workloads[name](**request)
        return {"torch": torch.__version__, "threads": torch.get_num_threads()}
    if "run" in request:
        start = time.perf_counter()
        result = state["run"]()
        return {"ms": (time.perf_counter() - start) * 1000, "result": result}
    return {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def main():
    state = {}
    for line in sys.stdin:
        try:
            result = answer(json.loads(line), state)
        except Exception as error:  # the peer answers for itself
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
