/** The part of `student.py` that runs a convolutional student: its stages as data, and one function. */
import { layersOf, type Stage } from "../nn/convolutional/stage.ts";

/** The text of `features` and of what it needs, for a network of these stages. */
export function convolutionalFeatures(stages: readonly Stage[]): string {
  const lines = stages.map((stage) => {
    const { kind, stride } = stage, pooled = "pooled" in stage && stage.pooled === true;
    const layers = layersOf(stage).map(({ name, layer }) => {
      const { inputs: _inputs, outputs: _outputs, ...rest } = layer;
      return { name, ...rest };
    });
    return JSON.stringify({ kind, stride, ...pooled && { pooled }, layers });
  });
  return program.replace("ROWS", () => lines.join(",\n"));
}

const program = String
  .raw`# Each stage with its convolutions, in the order in which they run; a shortcut runs beside them.
STAGES = json.loads("""[
ROWS
]""")


def convolve(x, w, name, layer):
    """Zeros around the image by PyTorch's rule (symmetric), or as few as TensorFlow's needs."""
    side, stride, dilation = layer["kernel"], layer.get("stride", 1), layer.get("dilation", 1)
    weight = w[name + ".weight"]  # [rows, columns, in, out], depthwise [rows, columns, channels, 1]
    weight = weight.permute(2, 3, 0, 1) if layer.get("depthwise") else weight.permute(3, 2, 0, 1)
    if name + ".scale" in w:
        weight = weight * w[name + ".scale"].reshape(-1, 1, 1, 1)
    zeros = []
    for size in (x.shape[3], x.shape[2]):
        missing = max((math.ceil(size / stride) - 1) * stride + (side - 1) * dilation + 1 - size, 0)
        zeros += [side // 2] * 2 if layer.get("padding") == "symmetric" else [missing // 2, missing - missing // 2]
    groups = len(weight) if layer.get("depthwise") else 1
    x = F.conv2d(F.pad(x, zeros), weight, w[name + ".bias"], stride, 0, dilation, groups)
    return {"relu": F.relu, "relu6": F.relu6}.get(layer.get("activation"), torch.nn.Identity())(x)


def features(images, w, config, image):
    """The mean of all places [batch, width], and the places of the last map [batch, rows * columns, width]."""
    mean, std = (torch.tensor(image[name]).reshape(3, 1, 1) for name in ("mean", "std"))
    x = (F.interpolate(images, [image["size"]] * 2, mode="bilinear", antialias=True) - mean) / std
    for i, stage in enumerate(STAGES):
        before, stride = x, stage["stride"]
        for layer in stage["layers"]:
            name = f"stages.{i}." + layer["name"]
            if layer["name"] == "shortcut":
                before = convolve(before, w, name, layer)
            else:
                x = convolve(x, w, name, layer)
        if stage["kind"] == "invertedResidual" and stride == 1 and x.shape == before.shape:
            x = x + before
        if stage["kind"] in ("basicBlock", "bottleneck"):
            if before.shape != x.shape:  # a shortcut without weights: every second pixel, zeros for new channels
                new = x.shape[1] - before.shape[1]
                before = F.pad(before[:, :, ::stride, ::stride], [0, 0, 0, 0, new // 2, new - new // 2])
            x = F.relu(x + before)
        if stage.get("pooled"):
            x = F.max_pool2d(x, 3, 2, 1)
    patch = x.flatten(2).mT
    return patch.mean(1), patch`;
