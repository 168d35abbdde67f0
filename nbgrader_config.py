"""nbgrader's configuration for this course: where things are, and our grader inside."""

from autograder import nbgrader_plugin, release

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "convnets"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

release.configure(c)  # what students find where the solution was
nbgrader_plugin.configure(c)  # grading in the sandbox
