//! Writes pcapng: what `wireloom-capture` prints, and what an export will be.
