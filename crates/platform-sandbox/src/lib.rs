//! The platforms, simulated.
