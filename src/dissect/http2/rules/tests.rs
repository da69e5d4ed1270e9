//! Conversations written frame by frame, and the rules they break.
