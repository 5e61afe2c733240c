"""The screens. A screen reads the review through its session, changes it by one call, and tells the app with a
message."""
