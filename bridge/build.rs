fn main() {
    cxx_build::bridge("src/lib.rs").std("c++20").compile("movies_etl_bridge_cxx");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=build.rs");
}
