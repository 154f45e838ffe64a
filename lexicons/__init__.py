"""What an officer edits: word lists, rules, policies, clauses. Ships as the package `audit.lexicons`."""
