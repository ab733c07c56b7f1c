"""What the steps of both students share: standardised targets, losses, dropping, fused AdamW."""
import torch
import torch.nn.functional as F


def token_loss(prediction, target):
    cosine = 1 - F.cosine_similarity(prediction, target, dim=-1)
    return 0.5 * cosine + 0.5 * F.smooth_l1_loss(prediction, target, reduction="none").mean(-1)


def standardize(feature, statistics, weight=0.5):
    """Normalise by the running statistics from before this batch, then update them."""
    mean, std = statistics
    standardized = (feature - mean) / (std + 1e-6)
    rows = feature.flatten(0, -2)
    statistics[0] = mean.lerp(rows.mean(0), weight)
    statistics[1] = std.lerp(rows.std(0) + 1e-6, weight)
    return standardized


def optimizer_of(groups):
    """AdamW that decays matrices and filters, not biases; a group has parameters, a rate and a decay."""
    parameters = [
        {"params": [p for p in group if (p.ndim > 1) == decays], "lr": rate,
         "weight_decay": decay if decays else 0.0}
        for group, rate, decay in groups for decays in (True, False)
    ]
    return torch.optim.AdamW(parameters, betas=(0.9, 0.99), fused=True)


def update(losses, optimizer, limit=None):
    """Drop teachers by their losses `[batch, teachers]`, differentiate, update; returns the loss."""
    teachers = losses.shape[1]
    keep = torch.rand(losses.shape, device=losses.device) >= 0.5
    keep = keep | F.one_hot(losses.argmax(1), teachers).bool()
    coefficients = keep / keep.sum()
    loss = (coefficients * losses).sum()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if limit is not None:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, limit)
    optimizer.step()
    report = torch.cat([loss[None], losses.mean(0), coefficients.sum(0)]).tolist()
    return report[0]
