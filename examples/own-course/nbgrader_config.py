"""nbgrader's configuration for this course: where things are, and the grader inside.

The choices of the course stand in course.toml.
"""

from autograder import nbgrader_plugin, release

c = get_config()  # noqa: F821

c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

release.configure(c)  # what students find where the solution was
nbgrader_plugin.configure(c)  # grading in the sandbox

# The secret seed of the hidden checks is not here, where all who read this file would see it: the
# environment variable AUTOGRADER_SEED holds it, or the folder results, which students never see.
