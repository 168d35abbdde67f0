"""Every row of the course's plan is a task."""

from __future__ import annotations

from autograder.assignments import all_assignments

ROWS = {
    "convnet": """
        affine_forward
        affine_backward
        relu_forward
        relu_backward
        softmax_loss
        lenet_shapes
        written_space_and_channels
        init_convnet
        convnet_loss
        convnet_predict
        sgd_momentum_step
        train_convnet
        written_templates
        layer_costs
        written_costs
    """,
    "convolution": """
        conv_output_size
        same_padding
        conv_cost
        written_parameters
        receptive_field
        conv_forward_naive
        written_filters
        conv_backward_naive
        conv_forward_vectorized
        conv_backward_vectorized
        conv1x1_forward
        compose_convs
        written_nonlinearity
        conv1d_forward
        conv3d_forward
    """,
    "normalization": """
        batchnorm_forward_naive
        identity_scale_shift
        batchnorm_forward
        batchnorm_backward_naive
        batchnorm_backward
        batchnorm_backward_alt
        written_where
        written_train_test
        fold_batchnorm
        spatial_batchnorm_forward
        spatial_batchnorm_backward
        layernorm_forward
        layernorm_backward
        instancenorm_forward
        instancenorm_backward
        spatial_groupnorm_forward
        spatial_groupnorm_backward
        written_axes
    """,
    "pooling": """
        max_pool_forward_naive
        max_pool_backward_naive
        avg_pool_forward_naive
        avg_pool_backward_naive
        written_no_parameters
        max_pool_forward_vectorized
        max_pool_backward_vectorized
        avg_pool_forward_vectorized
        avg_pool_backward_vectorized
        written_overlap
        shift_response
        written_pool_or_stride
    """,
}


def test_every_row_is_a_task_and_every_task_a_row() -> None:
    found = {a.name: [task.task for task in a.tasks] for a in all_assignments()}
    assert found == {name: rows.split() for name, rows in ROWS.items()}
