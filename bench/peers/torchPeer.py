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
sys.dont_write_bytecode = True

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from segmentation import segmentation_inference, segmentation_step  # noqa: E402
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


def rcnn(masks, size, **options):
    """torchvision's R-CNN on ResNet-50 with a pyramid, as with pretrained weights: norms constant, three stages of five trained."""
    from torchvision.models import detection
    from torchvision.ops import misc

    build = detection.maskrcnn_resnet50_fpn if masks else detection.fasterrcnn_resnet50_fpn
    model = build(weights=None, weights_backbone=None, min_size=size, max_size=size, **options)
    for module in list(model.backbone.modules()):
        for key, child in list(module.named_children()):
            if isinstance(child, nn.BatchNorm2d):
                setattr(module, key, misc.FrozenBatchNorm2d(child.num_features))
    for name, parameter in model.backbone.body.named_parameters():
        if not name.startswith(("layer2", "layer3", "layer4")):
            parameter.requires_grad_(False)
    return model


def rcnn_step(masks=False, batch=1, size=512, objects=8, channels_last=True):
    """One step on noise with objects in a grid: forward, backward, SGD."""
    model = rcnn(masks, size).train()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    images = [torch.rand(3, size, size) for _ in range(batch)]
    corners = torch.tensor([[(i % 4) * size / 4, i // 4 * size / 2] for i in range(objects)])
    target = {"boxes": torch.cat([corners, corners + size / 5], 1), "labels": torch.arange(objects) % 90 + 1}
    if masks:
        target["masks"] = torch.zeros(objects, size, size, dtype=torch.uint8)
        for mask, (x, y) in zip(target["masks"], corners.int().tolist()):
            mask[y : y + size // 5, x : x + size // 5] = 1
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=0.001, momentum=0.9, weight_decay=1e-4)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = sum(model(images, [target] * batch).values())
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def rcnn_inference(masks=False, size=512, channels_last=True):
    """One image of noise, 100 detections."""
    model = rcnn(masks, size, box_score_thresh=0).eval()
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
    image = torch.rand(3, size, size)

    def run():
        with torch.inference_mode():
            return len(model([image])[0]["scores"])

    return run


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


class Photos(torch.utils.data.Dataset):
    """JPEG files through Pillow, as torchvision's ImageNet preprocessing has them."""

    def __init__(self, files):
        from torchvision import transforms

        self.files = files
        self.transform = transforms.Compose(
            [
                transforms.Resize(256),
                transforms.CenterCrop(224),
                transforms.ToTensor(),
                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        )

    def __len__(self):
        return len(self.files)

    def __getitem__(self, index):
        from PIL import Image

        return self.transform(Image.open(self.files[index]).convert("RGB"))


def photo_loading(files, batch, workers):
    """One pass of a DataLoader, whose processes stay from pass to pass; gives the sum of the first batch."""
    loader = torch.utils.data.DataLoader(Photos(files), batch, num_workers=workers, persistent_workers=True)

    def run():
        sums = [images.sum().item() if i == 0 else 0 for i, images in enumerate(loader)]
        return sums[0]

    return run


def random_boxes(count, size, least, most, seed=1):
    """Corners in an image of size x size, from a generator that the other side has too."""
    corners = []
    for _ in range(count):
        numbers = []
        for _ in range(4):
            seed = (seed * 1664525 + 1013904223) % 2**32
            numbers.append((seed >> 8) / 2**24)
        w, h = (least + (most - least) * n for n in numbers[:2])
        x, y = numbers[2] * (size - w), numbers[3] * (size - h)
        corners.append([x, y, x + w, y + h])
    return torch.tensor(corners)


def nms(boxes, size, least, most, threshold):
    from torchvision import ops

    corners = random_boxes(boxes, size, least, most)
    scores = torch.rand(boxes)
    return lambda: ops.nms(corners, scores, threshold).numel()


def roi_op(op, boxes, channels, size, bins, direction="forward"):
    """RoIAlign as torchvision's detectors have it, or RoI pooling, on one map with stride 16."""
    from torchvision import ops

    x = torch.randn(1, channels, size, size, requires_grad=direction != "forward")
    rois = torch.cat([torch.zeros(boxes, 1), random_boxes(boxes, 16 * size, 32, 8 * size)], 1)

    def forward():
        if op == "roi_align":
            return ops.roi_align(x, rois, bins, 1 / 16, 2)
        return ops.roi_pool(x, rois, bins, 1 / 16)

    dy = torch.randn(boxes, channels, bins, bins)

    def run():
        if direction == "forward":
            with torch.no_grad():
                forward()
        else:
            torch.autograd.grad(forward(), x, dy)

    return run


workloads = {
    f.__name__: f
    for f in (resnet18_step, resnet20_step, rcnn_step, rcnn_inference, resnet20_epoch, resnet20_training, convolution, nms, roi_op, matmul, photo_loading,
              segmentation_inference, segmentation_step)
}


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
