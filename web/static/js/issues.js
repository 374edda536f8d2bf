// The issue list: selection and keys.
