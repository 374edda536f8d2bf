"""People, organizations, invitations, tokens, and who may do what."""
