use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

fn main() {
    cxx_build::bridges(["src/lib.rs", "src/metastore.rs", "src/tell.rs"]).std("c++20").compile("movies_etl_bridge_cxx");
    hive_metastore();
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=idl");
    println!("cargo:rerun-if-changed=build.rs");
}

/// Makes a module of the metastore's interface. Attributes of a file's own are not allowed where it is included.
fn hive_metastore() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let status = Command::new("thrift")
        .args(["--gen", "rs", "-out"])
        .arg(&out)
        .arg("idl/hive_metastore.thrift")
        .status()
        .expect("thrift, of Debian's package thrift-compiler, is needed (scripts/setup.sh build)");
    assert!(status.success(), "thrift could not compile idl/hive_metastore.thrift");
    let file = out.join("hive_metastore.rs");
    let text = fs::read_to_string(&file).expect("thrift writes hive_metastore.rs");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("#!")).collect();
    fs::write(&file, lines.join("\n")).expect("OUT_DIR can be written");
}
