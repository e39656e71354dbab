//! What is done with a photo: each action can be found again after a crash, and undone.
