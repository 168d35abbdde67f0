"""nbgrader's configuration for this course: where things are, and the grader inside."""

from autograder import nbgrader_plugin, release

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "convnets"
# nbgrader's own folders are as usual: source/, release/, submitted/, autograded/, feedback/.

release.configure(c)  # what students find where the solution was
nbgrader_plugin.configure(c)  # grading in the sandbox

# The secret seed of the hidden checks is not here, where all who read the repository would see it:
# the environment variable AUTOGRADER_SEED holds it, in CI from a secret of that name.
