//! The toolkit.

pub mod kernel;
