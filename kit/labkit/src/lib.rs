//! What the labs import.
