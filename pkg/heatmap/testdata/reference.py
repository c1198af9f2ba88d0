# Computes numbers.json: the maps of pytorch-grad-cam 1.5.7 before their ReLU and scaling, for a small network that the
# tests build too. Needs torch, numpy and grad-cam.
#
# The network: pictures [2, 8, 10, 3] of gray levels 127.5 + 100 sin(0.7 i + 0.3); x / 100 - 1; a 2x2 convolution with
# stride 2 and kernel value(2, 2, 3, 6); ReLU: the layer. Then tanh, times value(4 * 5 * 6, 3) / 2 over all places and
# channels, and plus value(3): the logits. value(n) is sin(0.7 i + 0.3).
import json
import numpy as np, torch
import pytorch_grad_cam as cams
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget, ClassifierOutputSoftmaxTarget

def value(*shape):
    return np.sin(0.7 * np.arange(int(np.prod(shape))) + 0.3).reshape(shape).astype(np.float32)

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 6, 2, stride=2, bias=False)
        self.conv.weight.data = torch.tensor(value(2, 2, 3, 6).transpose(3, 2, 0, 1))
        self.layer = torch.nn.ReLU()
        self.kernel = torch.tensor(value(4 * 5 * 6, 3) / 2)
    def forward(self, x):
        a = self.layer(self.conv(x / 100 - 1))
        return torch.tanh(a).permute(0, 2, 3, 1).reshape(len(x), -1) @ self.kernel + torch.tensor(value(3))

net = Net().eval()
x = torch.tensor((127.5 + 100 * value(2, 8, 10, 3)).transpose(0, 3, 1, 2).copy())
out = {"logits": net(x).detach().numpy().ravel().tolist()}
for name, method in [("gradcam", cams.GradCAM), ("hirescam", cams.HiResCAM), ("layercam", cams.LayerCAM),
                     ("gradcam++", cams.GradCAMPlusPlus)]:
    for softmax, target in [(False, ClassifierOutputTarget), (True, ClassifierOutputSoftmaxTarget)]:
        cam = method(model=net, target_layers=[net.layer])
        targets = [target(1), target(2)]
        outputs = cam.activations_and_grads(x)
        cam.model.zero_grad()
        sum(t(o) for t, o in zip(targets, outputs)).backward()
        a = cam.activations_and_grads.activations[0].numpy()
        g = cam.activations_and_grads.gradients[0].numpy()
        if name == "gradcam++":
            # The map stays the same, and the 1e-6 that it adds to squared gradients, which the paper has not, becomes
            # negligible.
            a, g = a / 1024, g * 1024
        values = cam.get_cam_image(x, net.layer, targets, a, g, False)  # [2, 4, 5]
        out[name + (" softmax" if softmax else "")] = [float(f"{v:.7g}") for v in values.ravel()]
out["logits"] = [float(f"{v:.7g}") for v in out["logits"]]
json.dump(out, open("numbers.json", "w"), indent=0)
