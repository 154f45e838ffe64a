"""Where the linter lives: pre-commit, GitHub, GitLab, Jenkins, and the pages about them."""
