"""nbgrader's configuration for this course: where things are, and our grader inside."""

from autograder.nbgrader_plugin import configure

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "convnets"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"

# What students find where the solution was.
c.ClearSolutions.code_stub = {
    "python": 'raise NotImplementedError("Replace this line with your own code.")'
}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

configure(c)
