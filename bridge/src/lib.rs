#[cxx::bridge]
mod ffi { extern "Rust" { fn ping() -> u32; } }
fn ping() -> u32 { 1 }
